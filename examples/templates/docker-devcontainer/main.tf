# A workspace that runs a project's dev container: one container with the agent, one with a Docker daemon of the
# workspace's own, in which the dev container is built and runs.
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
  name = "berth-${data.coder_workspace.me.id}"
  # For people who look at Docker's lists.
  label = "${data.coder_workspace_owner.me.name}/${data.coder_workspace.me.name}"

  home    = "/home/node"
  project = "${local.home}/${trimsuffix(basename(data.coder_parameter.repository.value), ".git")}"
  # A folder that both containers share; the inner daemon's socket is in it.
  run    = "/run/workspace"
  socket = "unix://${local.run}/docker.sock"
}

resource "coder_agent" "main" {
  os = "linux"
  # Containers run on the processor of the machine that terraform runs on. With a docker_host elsewhere, name its.
  arch = data.coder_provisioner.machine.arch
  dir  = local.project
  env = {
    DOCKER_HOST = local.socket
    PROJECT     = local.project
    REPOSITORY  = data.coder_parameter.repository.value
  }

  metadata {
    key          = "containers"
    display_name = "Containers"
    script       = "docker ps --format '{{.Names}}' | wc -l"
    interval     = 15
    timeout      = 5
    order        = 1
  }
  metadata {
    key          = "usage"
    display_name = "Processor and memory"
    script       = "docker stats --no-stream --format '{{.CPUPerc}} {{.MemUsage}}' | head -n 1"
    interval     = 20
    timeout      = 10
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

# Dev containers start after the scripts that block the login, so the clone is there and the daemon answers.
resource "coder_script" "prepare" {
  agent_id           = coder_agent.main.id
  display_name       = "Clone the repository"
  icon               = "/icon/git.svg"
  run_on_start       = true
  start_blocks_login = true
  timeout            = 600
  script             = <<-EOT
    set -eu
    if ! test -d "$PROJECT/.git"; then
      git clone -- "$REPOSITORY" "$PROJECT"
    fi
    tries=0
    until docker version > /dev/null 2>&1; do
      tries=$((tries + 1))
      test "$tries" -lt 120 || { echo "The workspace's Docker daemon does not answer" >&2; exit 1; }
      sleep 1
    done
  EOT
}

resource "coder_devcontainer" "project" {
  agent_id         = coder_agent.main.id
  workspace_folder = local.project
}

resource "coder_app" "containers" {
  agent_id     = coder_agent.main.id
  slug         = "containers"
  display_name = "Containers"
  icon         = "/icon/docker.svg"
  command      = "docker stats"
}

# What stays while the workspace is stopped: the home folder with the clone, and the images and containers of the inner
# daemon, so that a start need not build them again.
resource "docker_volume" "kept" {
  for_each = toset(["home", "docker"])
  name     = "${local.name}-${each.key}"
  labels {
    label = "berth.workspace"
    value = local.label
  }
  lifecycle {
    # Any change would be a new, empty volume.
    ignore_changes = all
  }
}

resource "docker_volume" "run" {
  count = data.coder_workspace.me.start_count
  name  = "${local.name}-run"
}

resource "docker_image" "workspace" {
  count = data.coder_workspace.me.start_count
  name  = "berth-devcontainer:${substr(filesha256("${path.module}/image/Dockerfile"), 0, 12)}"
  build {
    context = "${path.module}/image"
  }
  # Other workspaces use it, too.
  keep_locally = true
}

resource "docker_image" "daemon" {
  count        = data.coder_workspace.me.start_count
  name         = "docker:28-dind"
  keep_locally = true
}

resource "docker_container" "daemon" {
  count      = data.coder_workspace.me.start_count
  name       = "${local.name}-docker"
  image      = docker_image.daemon[0].image_id
  privileged = var.runtime == ""
  runtime    = var.runtime == "" ? null : var.runtime
  # Only this socket, for number 1000, the account of the agent; nothing on the network.
  command               = ["dockerd", "--host=${local.socket}", "--group=1000"]
  cpus                  = data.coder_parameter.cpus.value
  memory                = data.coder_parameter.memory.value * 1024
  restart               = "unless-stopped"
  destroy_grace_seconds = 30

  # Dev containers mount folders of the home folder, so it has the same path here.
  volumes {
    container_path = local.home
    volume_name    = docker_volume.kept["home"].name
  }
  volumes {
    container_path = "/var/lib/docker"
    volume_name    = docker_volume.kept["docker"].name
  }
  volumes {
    container_path = local.run
    volume_name    = docker_volume.run[0].name
  }
}

resource "docker_container" "workspace" {
  count                 = data.coder_workspace.me.start_count
  name                  = local.name
  image                 = docker_image.workspace[0].image_id
  hostname              = lower(data.coder_workspace.me.name)
  user                  = "1000:1000"
  entrypoint            = ["sh", "-c", coder_agent.main.init_script]
  env                   = ["CODER_AGENT_TOKEN=${coder_agent.main.token}", "HOME=${local.home}"]
  security_opts         = ["no-new-privileges:true"]
  memory                = 2048
  init                  = true
  restart               = "unless-stopped"
  destroy_grace_seconds = 30

  volumes {
    container_path = local.home
    volume_name    = docker_volume.kept["home"].name
  }
  volumes {
    container_path = local.run
    volume_name    = docker_volume.run[0].name
  }
  labels {
    label = "berth.workspace"
    value = local.label
  }
}

resource "coder_metadata" "workspace" {
  count       = data.coder_workspace.me.start_count
  resource_id = docker_container.workspace[0].id
  icon        = "/icon/devcontainer.svg"
  item {
    key   = "repository"
    value = data.coder_parameter.repository.value
  }
}
