terraform {
  required_providers {
    coder = {
      source = "coder/coder"
    }
  }
}

# Two agents on two machines, one of which proves who it is by its cloud; everything an agent itself can say.
resource "coder_agent" "main" {
  os                      = "linux"
  arch                    = "amd64"
  dir                     = "/home/coder"
  env                     = { EDITOR = "vim", PATH = "/opt/bin" }
  startup_script          = "echo up"
  startup_script_behavior = "blocking"
  shutdown_script         = "echo down"
  connection_timeout      = 77
  troubleshooting_url     = "https://example.com/help"
  motd_file               = "/etc/motd"
  order                   = 2
  api_key_scope           = "no_user_data"

  metadata {
    key          = "cpu"
    display_name = "CPU"
    script       = "uptime"
    interval     = 10
    timeout      = 3
    order        = 1
  }
  metadata {
    key      = "mem"
    script   = "free"
    interval = 20
  }
  display_apps {
    vscode                 = false
    vscode_insiders        = true
    web_terminal           = true
    ssh_helper             = false
    port_forwarding_helper = true
  }
  resources_monitoring {
    memory {
      enabled   = true
      threshold = 80
    }
    volume {
      path      = "/home"
      enabled   = true
      threshold = 90
    }
  }
}

resource "coder_agent" "cloud" {
  os   = "linux"
  arch = "arm64"
  auth = "aws-instance-identity"
}

resource "coder_agent" "unused" {
  os   = "linux"
  arch = "amd64"
}

resource "terraform_data" "machine" {
  input = coder_agent.main.token
}

# Depends on the first machine as well, so that the shortest way decides.
resource "terraform_data" "around" {
  input = terraform_data.machine.id
}

resource "terraform_data" "instance" {
  input = coder_agent.cloud.id
}

resource "coder_agent_instance" "cloud" {
  agent_id    = coder_agent.cloud.id
  instance_id = "i-0123456789"
}
