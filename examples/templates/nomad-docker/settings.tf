# What administrators set for the template.
variable "address" {
  type        = string
  default     = "http://127.0.0.1:4646"
  description = "Address of Nomad's API. The token comes from NOMAD_TOKEN in the environment of terraform."
}

variable "namespace" {
  type        = string
  default     = "default"
  description = "Nomad namespace of the workspaces."
}

variable "node_pool" {
  type        = string
  default     = "default"
  description = "Node pool of the workspaces."
}

variable "arch" {
  type        = string
  default     = "amd64"
  description = "Processors of that pool: amd64 or arm64."
  validation {
    condition     = contains(["amd64", "arm64"], var.arch)
    error_message = "The processors are amd64 or arm64."
  }
}

# What owners choose for their workspace.
data "coder_parameter" "image" {
  name         = "image"
  display_name = "Image"
  description  = "What is installed in the container."
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

data "coder_parameter" "cpu" {
  name         = "cpu"
  display_name = "Processor (MHz)"
  description  = "The container's share of the node's processors; what others do not use, it may use as well."
  type         = "number"
  default      = 2000
  mutable      = true
  order        = 2
  validation {
    min = 500
    max = 32000
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
