# What administrators set for the template.
variable "docker_host" {
  type        = string
  default     = "unix:///var/run/docker.sock"
  description = "Where the Docker daemon listens: a socket, or ssh://user@machine for another machine."
}

variable "network" {
  type        = string
  default     = "bridge"
  description = "Docker network of the workspaces. In the default one containers can reach each other."
}

variable "sudo" {
  type        = bool
  default     = true
  description = "Let owners become root inside of their containers, to install packages."
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
  description  = "How much memory the container may use; a program that wants more is ended."
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

data "coder_parameter" "web_editor" {
  name         = "web_editor"
  display_name = "Editor in the browser"
  description  = "Installs code-server into the home folder."
  type         = "bool"
  default      = true
  mutable      = true
  order        = 4
}
