# What administrators set for the template.
variable "remote" {
  type        = string
  default     = ""
  description = "Incus remote of the workspaces. Empty: the default one, which is this machine's socket if there is one."
}

variable "project" {
  type        = string
  default     = "default"
  description = "Incus project of the workspaces."
}

variable "pool" {
  type        = string
  default     = "default"
  description = "Storage pool of the home folders."
}

variable "arch" {
  type        = string
  default     = "amd64"
  description = "Processors of the Incus server: amd64 or arm64."
  validation {
    condition     = contains(["amd64", "arm64"], var.arch)
    error_message = "The processors are amd64 or arm64."
  }
}

# What owners choose for their workspace.
data "coder_parameter" "image" {
  name         = "image"
  display_name = "Image"
  type         = "string"
  form_type    = "dropdown"
  default      = "images:ubuntu/24.04/cloud"
  mutable      = true
  order        = 1
  # Images with cloud-init and systemd.
  option {
    name  = "Ubuntu 24.04"
    value = "images:ubuntu/24.04/cloud"
  }
  option {
    name  = "Debian 12"
    value = "images:debian/12/cloud"
  }
}

data "coder_parameter" "cpus" {
  name         = "cpus"
  display_name = "Processors"
  type         = "number"
  form_type    = "slider"
  default      = 2
  mutable      = true
  order        = 2
  validation {
    min = 1
    max = 16
  }
}

data "coder_parameter" "memory" {
  name         = "memory"
  display_name = "Memory (GiB)"
  type         = "number"
  form_type    = "slider"
  default      = 4
  mutable      = true
  order        = 3
  validation {
    min = 1
    max = 64
  }
}

data "coder_parameter" "home_size" {
  name         = "home_size"
  display_name = "Home folder (GiB)"
  description  = "Can grow later, and never shrinks."
  type         = "number"
  default      = 10
  mutable      = true
  order        = 4
  validation {
    min       = 1
    max       = 500
    monotonic = "increasing"
  }
}

data "coder_parameter" "nesting" {
  name         = "nesting"
  display_name = "Containers inside"
  description  = "Let Docker and the like run in the workspace. The container sees a little more of the kernel then."
  type         = "bool"
  default      = false
  mutable      = true
  order        = 5
}
