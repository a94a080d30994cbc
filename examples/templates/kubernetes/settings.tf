# What administrators set for the template.
variable "namespace" {
  type        = string
  default     = "berth-workspaces"
  description = "Namespace of the workspaces. It has to be there already."
}

variable "kubeconfig" {
  type        = string
  default     = ""
  description = "Path of a kubeconfig file where terraform runs. Empty: berth runs in the cluster, as a service account."
}

variable "storage_class" {
  type        = string
  default     = ""
  description = "Storage class of the home folders. Empty: the cluster's default."
}

variable "arch" {
  type        = string
  default     = "amd64"
  description = "Processors of the nodes: amd64 or arm64."
  validation {
    condition     = contains(["amd64", "arm64"], var.arch)
    error_message = "The processors are amd64 or arm64."
  }
}

# What owners choose for their workspace.
data "coder_parameter" "image" {
  name         = "image"
  display_name = "Image"
  description  = "What is installed in the pod."
  type         = "string"
  form_type    = "dropdown"
  default      = "mcr.microsoft.com/devcontainers/base:ubuntu-24.04"
  mutable      = true
  order        = 1
  # All of them have an account "vscode" with number 1000, and curl.
  option {
    name  = "Ubuntu 24.04"
    value = "mcr.microsoft.com/devcontainers/base:ubuntu-24.04"
  }
  option {
    name  = "Go"
    value = "mcr.microsoft.com/devcontainers/go:1.24-bookworm"
  }
  option {
    name  = "Python"
    value = "mcr.microsoft.com/devcontainers/python:3.12-bookworm"
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
  description  = "Can grow later if the storage class allows it, and never shrinks."
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
