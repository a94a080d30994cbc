# A workspace that is a Docker container. Its home folder is a volume, which outlives the container.
terraform {
  required_version = ">= 1.4"
  required_providers {
    coder = {
      source  = "coder/coder"
      version = ">= 2.13"
    }
    docker = {
      source  = "kreuzwerker/docker"
      version = "~> 3.6"
    }
  }
}

provider "docker" {
  host = var.docker_host
}

data "coder_provisioner" "machine" {}
data "coder_workspace" "me" {}
data "coder_workspace_owner" "me" {}

locals {
  # The workspace's id, because its name can change.
  name   = "berth-${data.coder_workspace.me.id}"
  home   = "/home/vscode"
  author = coalesce(data.coder_workspace_owner.me.full_name, data.coder_workspace_owner.me.name)
  # For people who look at Docker's lists.
  label = "${data.coder_workspace_owner.me.name}/${data.coder_workspace.me.name}"
}

resource "coder_agent" "main" {
  os = "linux"
  # Containers run on the processor of the machine that terraform runs on. With a docker_host elsewhere, name its.
  arch = data.coder_provisioner.machine.arch
  env = {
    GIT_AUTHOR_NAME     = local.author
    GIT_AUTHOR_EMAIL    = data.coder_workspace_owner.me.email
    GIT_COMMITTER_NAME  = local.author
    GIT_COMMITTER_EMAIL = data.coder_workspace_owner.me.email
  }
  startup_script_behavior = "blocking"
  startup_script          = <<-EOT
    set -eu
    mkdir -p "$HOME/projects"
    echo "Ready: $(. /etc/os-release && echo "$PRETTY_NAME"), projects belong into $HOME/projects"
  EOT

  metadata {
    key          = "cpu"
    display_name = "Processor (100 % is one)"
    script       = <<-EOT
      used() { sed -n 's/^usage_usec //p' /sys/fs/cgroup/cpu.stat; }
      before=$(used)
      sleep 1
      echo "$((($(used) - before) / 10000)) %"
    EOT
    interval     = 10
    timeout      = 5
    order        = 1
  }
  metadata {
    key          = "memory"
    display_name = "Memory"
    script       = "coder stat mem"
    interval     = 10
    timeout      = 5
    order        = 2
  }
  metadata {
    key          = "disk"
    display_name = "Disk of the home folder"
    script       = "coder stat disk --path \"$HOME\""
    interval     = 60
    timeout      = 5
    order        = 3
  }
}

resource "coder_script" "editor" {
  count        = data.coder_parameter.web_editor.value ? 1 : 0
  agent_id     = coder_agent.main.id
  display_name = "Editor in the browser"
  icon         = "/icon/code.svg"
  run_on_start = true
  script       = file("${path.module}/code-server.sh")
}

resource "coder_app" "editor" {
  count        = data.coder_parameter.web_editor.value ? 1 : 0
  agent_id     = coder_agent.main.id
  slug         = "editor"
  display_name = "Editor"
  icon         = "/icon/code.svg"
  url          = "http://127.0.0.1:13337/?folder=${local.home}"
  share        = "owner"
  healthcheck {
    url       = "http://127.0.0.1:13337/healthz"
    interval  = 5
    threshold = 12
  }
}

# The home folder: made with the workspace, kept while it is stopped, removed when it is deleted. Docker fills it with
# what the image has there when it is used first.
resource "docker_volume" "home" {
  name = "${local.name}-home"
  labels {
    label = "berth.workspace"
    value = local.label
  }
  lifecycle {
    # Any change would be a new, empty volume.
    ignore_changes = all
  }
}

resource "docker_image" "main" {
  count = data.coder_workspace.me.start_count
  name  = data.coder_parameter.image.value
  # Other workspaces use it, too.
  keep_locally = true
}

resource "docker_container" "workspace" {
  count    = data.coder_workspace.me.start_count
  name     = local.name
  image    = docker_image.main[0].image_id
  hostname = lower(data.coder_workspace.me.name)
  user     = "1000:1000"
  # On a berth that is tried out on this very machine, "localhost" would be the container itself.
  entrypoint = ["sh", "-c", replace(coder_agent.main.init_script, "/localhost|127\\.0\\.0\\.1/", "host.docker.internal")]
  env        = ["CODER_AGENT_TOKEN=${coder_agent.main.token}", "HOME=${local.home}"]
  host {
    host = "host.docker.internal"
    ip   = "host-gateway"
  }

  # No port is published: the agent calls berth, nobody calls the container.
  network_mode  = var.network
  security_opts = var.sudo ? [] : ["no-new-privileges:true"]
  cpus          = data.coder_parameter.cpus.value
  memory        = data.coder_parameter.memory.value * 1024
  init          = true
  restart       = "unless-stopped"
  # Time for the agent to end what it runs.
  destroy_grace_seconds = 30

  volumes {
    container_path = local.home
    volume_name    = docker_volume.home.name
  }
  labels {
    label = "berth.workspace"
    value = local.label
  }
}

resource "coder_metadata" "workspace" {
  count       = data.coder_workspace.me.start_count
  resource_id = docker_container.workspace[0].id
  icon        = "/icon/docker.svg"
  item {
    key   = "image"
    value = data.coder_parameter.image.value
  }
  item {
    key   = "limits"
    value = "${data.coder_parameter.cpus.value} processors, ${data.coder_parameter.memory.value} GiB"
  }
}

resource "coder_metadata" "image" {
  count       = data.coder_workspace.me.start_count
  resource_id = docker_image.main[0].id
  hide        = true
}
