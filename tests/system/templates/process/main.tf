terraform {
  required_providers {
    coder = {
      source = "coder/coder"
    }
  }
}

variable "folder" {
  type        = string
  description = "Where workspaces keep their files"
}

data "coder_provisioner" "me" {}
data "coder_workspace" "me" {}
data "coder_workspace_owner" "me" {}

data "coder_parameter" "greeting" {
  name         = "greeting"
  display_name = "Greeting"
  type         = "string"
  default      = "hello"
  mutable      = true
  validation {
    regex = "^[a-z]+$"
    error = "a greeting has small letters only"
  }
}

data "coder_parameter" "slow" {
  name    = "slow"
  type    = "number"
  default = 0
  mutable = true
  validation {
    min = 0
    max = 120
  }
}

locals {
  home = "${var.folder}/${data.coder_workspace_owner.me.name}-${data.coder_workspace.me.name}"
}

resource "coder_agent" "main" {
  os   = data.coder_provisioner.me.os
  arch = data.coder_provisioner.me.arch
  dir  = local.home
  env = {
    GREETING = data.coder_parameter.greeting.value
  }
  startup_script = "echo started with $GREETING; touch started"
  metadata {
    key          = "greeting"
    display_name = "Greeting"
    script       = "echo $GREETING"
    interval     = 5
    timeout      = 2
  }
}

resource "coder_app" "page" {
  agent_id     = coder_agent.main.id
  slug         = "page"
  display_name = "Page"
  url          = "http://127.0.0.1:9"
}

# Lives as long as the workspace: the same id after a stop and a start.
resource "terraform_data" "home" {
  input = local.home
  provisioner "local-exec" {
    command = "mkdir -p '${local.home}'"
  }
}

resource "terraform_data" "pause" {
  count            = data.coder_workspace.me.start_count
  triggers_replace = [data.coder_parameter.slow.value]
  depends_on       = [terraform_data.home]
  provisioner "local-exec" {
    command = "sleep ${data.coder_parameter.slow.value}"
  }
}

resource "terraform_data" "process" {
  count            = data.coder_workspace.me.start_count
  depends_on       = [terraform_data.pause]
  triggers_replace = [nonsensitive(coder_agent.main.token)]
  input            = "${terraform_data.home.output}/agent.pid"
  provisioner "local-exec" {
    command = "cd \"$FOLDER\" && setsid sh -c \"$INIT\" </dev/null >agent.log 2>&1 & echo $! >\"$FOLDER/agent.pid\""
    environment = {
      FOLDER            = terraform_data.home.output
      HOME              = terraform_data.home.output
      INIT              = coder_agent.main.init_script
      CODER_AGENT_TOKEN = nonsensitive(coder_agent.main.token)
    }
  }
  provisioner "local-exec" {
    when    = destroy
    command = "kill -s TERM -- \"-$(cat '${self.input}')\" 2>/dev/null; rm -f '${self.input}'; true"
  }
}

resource "coder_metadata" "process" {
  count       = data.coder_workspace.me.start_count
  resource_id = terraform_data.process[0].id
  daily_cost  = 3
  item {
    key   = "home"
    value = local.home
  }
}
