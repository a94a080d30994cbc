# What administrators set for the template.
variable "docker_host" {
  type        = string
  default     = "unix:///var/run/docker.sock"
  description = "Where the Docker daemon listens: a socket, or ssh://user@machine for another machine."
}

variable "runtime" {
  type        = string
  default     = ""
  description = "Container runtime for the inner daemon, such as sysbox-runc. Without one it runs privileged."
}

# What owners choose for their workspace.
data "coder_parameter" "repository" {
  name         = "repository"
  display_name = "Repository"
  description  = "URL of a Git repository with a devcontainer.json."
  type         = "string"
  default      = "https://github.com/microsoft/vscode-remote-try-python"
  # The home folder holds its clone.
  mutable = false
  order   = 1
  validation {
    regex = "^https://[A-Za-z0-9.-]+(:[0-9]+)?/[A-Za-z0-9._~/-]*[A-Za-z0-9_-][A-Za-z0-9._-]*$"
    error = "Give an https:// URL without a password in it."
  }
}

data "coder_parameter" "memory" {
  name         = "memory"
  display_name = "Memory (GiB)"
  description  = "For the dev container and everything in it."
  type         = "number"
  form_type    = "slider"
  default      = 8
  mutable      = true
  order        = 2
  validation {
    min = 2
    max = 64
  }
}

data "coder_parameter" "cpus" {
  name         = "cpus"
  display_name = "Processors"
  description  = "For the dev container and everything in it."
  type         = "number"
  form_type    = "slider"
  default      = 4
  mutable      = true
  order        = 3
  validation {
    min = 1
    max = 16
  }
}
