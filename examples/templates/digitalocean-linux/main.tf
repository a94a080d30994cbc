# A workspace that is a droplet of DigitalOcean. The droplet is made at each start; the home folder is a volume.
terraform {
  required_version = ">= 1.4"
  required_providers {
    coder = {
      source  = "coder/coder"
      version = ">= 2.13"
    }
    digitalocean = {
      source  = "digitalocean/digitalocean"
      version = "~> 2.40"
    }
  }
}

provider "digitalocean" {}

data "coder_workspace" "me" {}
data "coder_workspace_owner" "me" {}

locals {
  # The workspace's id, because its name can change.
  name   = "berth-${data.coder_workspace.me.id}"
  user   = "coder"
  device = "/dev/disk/by-id/scsi-0DO_Volume_${digitalocean_volume.home.name}"
  tags   = ["berth", "berth-owner:${data.coder_workspace_owner.me.name}"]

  # What the machine does when it boots for the first time. DigitalOcean does not vouch for its machines, so the agent's
  # token is in it; who may read a droplet's user data in the account can read the token.
  cloud_config = {
    hostname = lower(data.coder_workspace.me.name)
    # Only this account and root; the machine is its owner's, who therefore may become root.
    users = [{ name = local.user, uid = 1000, shell = "/bin/bash", lock_passwd = true, sudo = "ALL=(ALL) NOPASSWD:ALL" }]
    # Root has a password if no SSH key is given.
    ssh_pwauth = false
    write_files = [
      { path = "/etc/berth/agent.env", content = "CODER_AGENT_TOKEN=${coder_agent.main.token}\n", permissions = "0600" },
      { path = "/opt/berth/agent.sh", content = coder_agent.main.init_script },
      { path = "/opt/berth/home-disk.sh", content = file("${path.module}/home-disk.sh"), permissions = "0755" },
      {
        path    = "/etc/systemd/system/berth-agent.service"
        content = templatefile("${path.module}/berth-agent.service", { user = local.user, device = local.device })
      },
    ]
    runcmd = [["systemctl", "daemon-reload"], ["systemctl", "enable", "--now", "berth-agent.service"]]
  }
}

resource "coder_agent" "main" {
  os   = "linux"
  arch = "amd64"
  # A machine takes longer to boot than a container.
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

# The home disk: made with the workspace, kept while it is stopped, removed when it is deleted.
resource "digitalocean_volume" "home" {
  # Short enough to be whole in the name of the device.
  name   = "ws-${data.coder_workspace.me.id}"
  region = data.coder_parameter.region.value
  size   = data.coder_parameter.home_size.value
  tags   = local.tags
  lifecycle {
    # Another place would mean a new, empty volume.
    ignore_changes = [name, region, tags]
  }
}

# No rule lets anything in: the agent calls berth. The firewall goes by a tag, so that it is there before the droplet.
resource "digitalocean_tag" "workspace" {
  count = data.coder_workspace.me.start_count
  name  = local.name
}

resource "digitalocean_firewall" "workspace" {
  count = data.coder_workspace.me.start_count
  name  = local.name
  tags  = digitalocean_tag.workspace[*].name
  dynamic "outbound_rule" {
    for_each = { tcp = "1-65535", udp = "1-65535", icmp = null }
    content {
      protocol              = outbound_rule.key
      port_range            = outbound_rule.value
      destination_addresses = ["0.0.0.0/0", "::/0"]
    }
  }
}

resource "digitalocean_droplet" "workspace" {
  count      = data.coder_workspace.me.start_count
  name       = local.name
  image      = "ubuntu-24-04-x64"
  region     = data.coder_parameter.region.value
  size       = data.coder_parameter.size.value
  volume_ids = [digitalocean_volume.home.id]
  ssh_keys   = var.ssh_keys
  user_data  = "#cloud-config\n${jsonencode(local.cloud_config)}"
  # Writes everything to the volume before the droplet goes.
  graceful_shutdown = true
  # No way in by DigitalOcean's own console.
  droplet_agent = false
  tags          = concat(local.tags, digitalocean_tag.workspace[*].name)
  depends_on    = [digitalocean_firewall.workspace]
}

resource "coder_metadata" "workspace" {
  count       = data.coder_workspace.me.start_count
  resource_id = digitalocean_droplet.workspace[0].id
  icon        = "/icon/digitalocean.svg"
  item {
    key   = "machine"
    value = "${data.coder_parameter.size.value} in ${data.coder_parameter.region.value}"
  }
}

resource "coder_metadata" "home" {
  resource_id = digitalocean_volume.home.id
  icon        = "/icon/folder.svg"
  item {
    key   = "size"
    value = "${data.coder_parameter.home_size.value} GiB"
  }
}
