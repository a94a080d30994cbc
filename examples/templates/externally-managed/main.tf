# A workspace on a machine that terraform does not make: a workstation, a board on a desk, a server in a rack. berth
# keeps an agent's place for it, and somebody starts the agent there.
terraform {
  required_version = ">= 1.4"
  required_providers {
    coder = {
      source  = "coder/coder"
      version = ">= 2.13"
    }
  }
}

data "coder_workspace" "me" {}

data "coder_parameter" "arch" {
  name         = "arch"
  display_name = "Processor"
  description  = "What the machine has."
  type         = "string"
  form_type    = "radio"
  default      = "amd64"
  mutable      = true
  order        = 1
  option {
    name  = "Intel or AMD, 64 bits"
    value = "amd64"
  }
  option {
    name  = "ARM, 64 bits"
    value = "arm64"
  }
}

data "coder_parameter" "folder" {
  name         = "folder"
  display_name = "Working folder"
  description  = "Where terminals start: an absolute path, or ~ for the home of the account that runs the agent."
  type         = "string"
  default      = "~"
  mutable      = true
  order        = 2
  validation {
    regex = "^(~|~?(/[A-Za-z0-9._ -]+)+)$"
    error = "Give ~ or a path without special characters, such as ~/projects."
  }
}

resource "coder_agent" "main" {
  os   = "linux"
  arch = data.coder_parameter.arch.value
  dir  = data.coder_parameter.folder.value
  # Somebody has to go and start it.
  connection_timeout = 0

  startup_script_behavior = "non-blocking"
  startup_script          = "echo \"Connected: $(uname -sr) on $(uname -n)\""

  metadata {
    key          = "machine"
    display_name = "Machine"
    script       = "uname -n"
    interval     = 600
    timeout      = 5
    order        = 1
  }
  metadata {
    key          = "cpu"
    display_name = "Processors"
    script       = "coder stat cpu"
    interval     = 10
    timeout      = 5
    order        = 2
  }
  metadata {
    key          = "memory"
    display_name = "Memory"
    script       = "coder stat mem"
    interval     = 10
    timeout      = 5
    order        = 3
  }
  metadata {
    key          = "disk"
    display_name = "Disk of the home folder"
    script       = "coder stat disk --path \"$HOME\""
    interval     = 60
    timeout      = 5
    order        = 4
  }
}

# Tells berth that the agent is started by hand. A stopped workspace has no agent, so each start makes a new place.
resource "coder_external_agent" "main" {
  count    = data.coder_workspace.me.start_count
  agent_id = coder_agent.main.id
}

resource "coder_app" "processes" {
  agent_id     = coder_agent.main.id
  slug         = "processes"
  display_name = "Processes"
  icon         = "/icon/terminal.svg"
  command      = "top"
}

resource "coder_metadata" "main" {
  count       = data.coder_workspace.me.start_count
  resource_id = coder_external_agent.main[0].id
  icon        = "/icon/server.svg"
  item {
    key   = "processor"
    value = data.coder_parameter.arch.value
  }
}
