# A workspace that is an Incus system container, with systemd and all. Its home folder is a volume, which outlives the
# container.
terraform {
  required_version = ">= 1.4"
  required_providers {
    coder = {
      source  = "coder/coder"
      version = ">= 2.13"
    }
    incus = {
      source  = "lxc/incus"
      version = "~> 1.0"
    }
  }
}

provider "incus" {}

data "coder_workspace" "me" {}
data "coder_workspace_owner" "me" {}

locals {
  # The workspace's id, because its name can change.
  name   = "berth-${data.coder_workspace.me.id}"
  user   = "coder"
  remote = var.remote == "" ? null : var.remote
  # cloud-init runs once in a container's life, so a new token needs a new container, and a container with another name
  # is a new one.
  instance = "${local.name}-${nonsensitive(substr(sha256(coder_agent.main.token), 0, 8))}"

  # What the container does when it boots for the first time.
  cloud_config = {
    hostname = lower(data.coder_workspace.me.name)
    # The image's tools, and what the agent and the editor are fetched with.
    packages = ["ca-certificates", "curl", "git"]
    # Only this account; the container is its owner's, who therefore may become root in it.
    users = [{ name = local.user, uid = 1000, shell = "/bin/bash", lock_passwd = true, sudo = "ALL=(ALL) NOPASSWD:ALL" }]
    write_files = [
      { path = "/etc/berth/agent.env", content = "CODER_AGENT_TOKEN=${coder_agent.main.token}\n", permissions = "0600" },
      { path = "/opt/berth/agent.sh", content = coder_agent.main.init_script },
      {
        path    = "/etc/systemd/system/berth-agent.service"
        content = templatefile("${path.module}/agent.service", { user = local.user })
      },
    ]
    runcmd = [["systemctl", "daemon-reload"], ["systemctl", "enable", "--now", "berth-agent.service"]]
  }
}

resource "coder_agent" "main" {
  os   = "linux"
  arch = var.arch
  # A system container takes longer to boot than a bare process.
  connection_timeout      = 300
  startup_script_behavior = "blocking"
  startup_script          = <<-EOT
    set -eu
    mkdir -p "$HOME/projects"
    echo "Ready: projects belong into $HOME/projects"
  EOT

  metadata {
    key          = "cpu"
    display_name = "Processors"
    script       = "coder stat cpu"
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
    display_name = "Home disk"
    script       = "coder stat disk --path \"$HOME\""
    interval     = 60
    timeout      = 5
    order        = 3
  }
}

resource "coder_script" "editor" {
  agent_id     = coder_agent.main.id
  display_name = "Editor in the browser"
  icon         = "/icon/code.svg"
  run_on_start = true
  script       = file("${path.module}/code-server.sh")
}

resource "coder_app" "editor" {
  agent_id     = coder_agent.main.id
  slug         = "editor"
  display_name = "Editor"
  icon         = "/icon/code.svg"
  url          = "http://127.0.0.1:13337/?folder=/home/${local.user}"
  share        = "owner"
  healthcheck {
    url       = "http://127.0.0.1:13337/healthz"
    interval  = 5
    threshold = 12
  }
}

# The home folder: made with the workspace, kept while it is stopped, removed when it is deleted.
resource "incus_storage_volume" "home" {
  name    = "${local.name}-home"
  pool    = var.pool
  project = var.project
  remote  = local.remote
  config  = { size = "${data.coder_parameter.home_size.value}GiB" }
  lifecycle {
    # Another place would mean a new, empty volume.
    ignore_changes = [pool, project, remote]
  }
}

resource "incus_instance" "workspace" {
  count   = data.coder_workspace.me.start_count
  name    = local.instance
  image   = data.coder_parameter.image.value
  project = var.project
  remote  = local.remote

  config = {
    "limits.cpu"           = data.coder_parameter.cpus.value
    "limits.memory"        = "${data.coder_parameter.memory.value}GiB"
    "security.nesting"     = data.coder_parameter.nesting.value
    "cloud-init.user-data" = "#cloud-config\n${jsonencode(local.cloud_config)}"
    "user.berth-owner"     = data.coder_workspace_owner.me.name
    "user.berth-workspace" = data.coder_workspace.me.name
  }
  # No proxy device: nothing from outside reaches the container, the agent calls berth. Network and root disk are those
  # of the default profile.
  device {
    name = "home"
    type = "disk"
    properties = {
      path   = "/home"
      pool   = incus_storage_volume.home.pool
      source = incus_storage_volume.home.name
    }
  }
}

resource "coder_metadata" "workspace" {
  count       = data.coder_workspace.me.start_count
  resource_id = incus_instance.workspace[0].name
  icon        = "/icon/incus.svg"
  item {
    key   = "image"
    value = data.coder_parameter.image.value
  }
}
