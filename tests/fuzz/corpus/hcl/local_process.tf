# A workspace that is a process of the machine where terraform runs: no cloud, no container, good for trying berth out.
terraform {
  required_version = ">= 1.4"
  required_providers {
    coder = {
      source = "coder/coder"
    }
  }
}

variable "homes" {
  type        = string
  default     = "/tmp/berth-workspaces"
  description = "Folder that holds the workspaces' home folders. A home lives as long as its workspace."
}

data "coder_provisioner" "machine" {}
data "coder_workspace" "me" {}
data "coder_workspace_owner" "me" {}

data "coder_parameter" "greeting" {
  name         = "greeting"
  display_name = "Greeting"
  description  = "What a new terminal says. Letters, digits, spaces and simple punctuation."
  type         = "string"
  default      = "Welcome aboard"
  mutable      = true
  order        = 1
  validation {
    regex = "^[A-Za-z0-9 .,!?-]{1,60}$"
    error = "The greeting may have 1 to 60 letters, digits, spaces and . , ! ? -"
  }
}

data "coder_parameter" "editor" {
  name         = "editor"
  display_name = "Editor"
  description  = "The program that $EDITOR names."
  type         = "string"
  form_type    = "dropdown"
  default      = "vi"
  mutable      = true
  order        = 2
  option {
    name  = "vi"
    value = "vi"
  }
  option {
    name  = "nano"
    value = "nano"
  }
}

data "coder_parameter" "interval" {
  name         = "interval"
  display_name = "Seconds between measurements"
  description  = "How often the agent reports load and disk use."
  type         = "number"
  default      = 10
  mutable      = true
  order        = 3
  validation {
    min = 1
    max = 300
  }
}

data "coder_parameter" "docs_app" {
  name         = "docs_app"
  display_name = "Show the home folder as an app"
  description  = "Serves the home folder's public files on a local port (needs python3)."
  type         = "bool"
  default      = false
  mutable      = true
  order        = 4
}

locals {
  id   = data.coder_workspace.me.id
  home = "${var.homes}/${local.id}/home"
  run  = "${var.homes}/${local.id}/run"
  port = 20000 + parseint(substr(sha256(local.id), 0, 4), 16) % 20000
}

resource "coder_agent" "main" {
  os   = data.coder_provisioner.machine.os
  arch = data.coder_provisioner.machine.arch
  dir  = local.home
  env = {
    GREETING = data.coder_parameter.greeting.value
  }

  metadata {
    key          = "load"
    display_name = "Load"
    script       = "cut -d' ' -f1-3 /proc/loadavg"
    interval     = data.coder_parameter.interval.value
    timeout      = 2
    order        = 1
  }
  metadata {
    key          = "home"
    display_name = "Home folder"
    script       = "du -sh \"$HOME\" 2>/dev/null | cut -f1"
    interval     = data.coder_parameter.interval.value
    timeout      = 5
    order        = 2
  }
}

resource "coder_env" "editor" {
  agent_id = coder_agent.main.id
  name     = "EDITOR"
  value    = data.coder_parameter.editor.value
}

resource "coder_script" "prepare" {
  agent_id           = coder_agent.main.id
  display_name       = "Prepare the home folder"
  icon               = "/icon/folder.svg"
  run_on_start       = true
  start_blocks_login = true
  script             = <<-EOT
    set -eu
    mkdir -p "$HOME/public"
    test -e "$HOME/.profile" || echo 'printf "%s\n" "$GREETING"' > "$HOME/.profile"
    test -e "$HOME/public/index.html" || echo '<h1>It works</h1>' > "$HOME/public/index.html"
    echo "The home folder $HOME is ready."
  EOT
}

resource "coder_script" "serve" {
  count        = data.coder_parameter.docs_app.value ? 1 : 0
  agent_id     = coder_agent.main.id
  display_name = "Serve the public folder"
  icon         = "/icon/docs.svg"
  run_on_start = true
  script       = "exec python3 -m http.server --bind 127.0.0.1 --directory \"$HOME/public\" ${local.port}"
}

resource "coder_app" "public" {
  count        = data.coder_parameter.docs_app.value ? 1 : 0
  agent_id     = coder_agent.main.id
  slug         = "public"
  display_name = "Public folder"
  icon         = "/icon/docs.svg"
  url          = "http://127.0.0.1:${local.port}"
  healthcheck {
    url       = "http://127.0.0.1:${local.port}/"
    interval  = 5
    threshold = 6
  }
}

resource "coder_app" "terminal" {
  agent_id     = coder_agent.main.id
  slug         = "top"
  display_name = "Processes"
  icon         = "/icon/terminal.svg"
  command      = "top"
}

# The home folder: made with the workspace, kept while it is stopped, removed when it is deleted.
resource "terraform_data" "home" {
  input = {
    root = "${var.homes}/${local.id}"
    home = local.home
    run  = local.run
  }

  provisioner "local-exec" {
    command = "umask 077 && mkdir -p \"$BERTH_HOME\" \"$BERTH_RUN\""
    environment = {
      BERTH_HOME = self.input.home
      BERTH_RUN  = self.input.run
    }
  }

  provisioner "local-exec" {
    when    = destroy
    command = "rm -rf -- \"$BERTH_ROOT\""
    environment = {
      BERTH_ROOT = self.input.root
    }
  }
}

# The agent's process: there while the workspace is started. It gets a session of its own, so that it outlives
# terraform and that stopping can reach everything the agent started. Only what is in `input` is known when it is
# destroyed.
resource "terraform_data" "process" {
  count = data.coder_workspace.me.start_count

  input = {
    home = terraform_data.home.output.home
    run  = terraform_data.home.output.run
    # The agent is a new one when this changes, and then the process must be one too.
    agent = coder_agent.main.id
  }
  triggers_replace = [coder_agent.main.id]

  provisioner "local-exec" {
    command = "sh \"$BERTH_SCRIPTS/start.sh\""
    quiet   = true
    environment = {
      BERTH_SCRIPTS = path.module
      BERTH_HOME    = self.input.home
      BERTH_RUN     = self.input.run
      BERTH_USER    = data.coder_workspace_owner.me.name
      # Marked as not sensitive, because terraform would hide all output of this command otherwise. The script never
      # prints it, and only this environment holds it.
      BERTH_TOKEN = nonsensitive(coder_agent.main.token)
      BERTH_INIT  = coder_agent.main.init_script
    }
  }

  provisioner "local-exec" {
    when    = destroy
    command = "sh \"$BERTH_SCRIPTS/stop.sh\""
    quiet   = true
    environment = {
      BERTH_SCRIPTS = path.module
      BERTH_RUN     = self.input.run
    }
  }
}

resource "coder_metadata" "home" {
  resource_id = terraform_data.home.id
  icon        = "/icon/folder.svg"
  item {
    key   = "path"
    value = local.home
  }
}
