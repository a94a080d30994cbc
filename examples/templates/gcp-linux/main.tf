# A workspace that is a virtual machine of Google Cloud. The machine is made at each start; the home folder is a disk of
# its own.
terraform {
  required_version = ">= 1.4"
  required_providers {
    coder = {
      source  = "coder/coder"
      version = ">= 2.13"
    }
    google = {
      source  = "hashicorp/google"
      version = ">= 6.0, < 8.0"
    }
  }
}

provider "google" {
  project = var.project
  zone    = var.zone
}

data "coder_workspace" "me" {}
data "coder_workspace_owner" "me" {}

locals {
  # The workspace's id, because its name can change.
  name   = "berth-${data.coder_workspace.me.id}"
  user   = "coder"
  disk   = "home"
  device = "/dev/disk/by-id/google-${local.disk}"
  labels = {
    berth-owner     = lower(data.coder_workspace_owner.me.name)
    berth-workspace = lower(data.coder_workspace.me.name)
  }

  # What the machine does when it boots for the first time. There is no secret in it: the agent proves itself with the
  # machine's identity token.
  cloud_config = {
    hostname = lower(data.coder_workspace.me.name)
    # Only this account; the machine is its owner's, who therefore may become root.
    users = [{ name = local.user, uid = 1000, shell = "/bin/bash", lock_passwd = true, sudo = "ALL=(ALL) NOPASSWD:ALL" }]
    write_files = [
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
  auth = "google-instance-identity"
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
resource "google_compute_disk" "home" {
  name   = "${local.name}-home"
  type   = "pd-balanced"
  size   = data.coder_parameter.home_size.value
  labels = local.labels
  lifecycle {
    # Another place or kind would mean a new, empty disk.
    ignore_changes = [project, zone, type]
  }
}

resource "google_compute_instance" "workspace" {
  count        = data.coder_workspace.me.start_count
  name         = local.name
  machine_type = data.coder_parameter.machine_type.value
  labels       = local.labels
  # For firewall rules of yours.
  tags = ["berth-workspace"]

  metadata = {
    user-data = "#cloud-config\n${jsonencode(local.cloud_config)}"
    # Keys and accounts that the project has for other machines are not for this one.
    block-project-ssh-keys = "TRUE"
    enable-oslogin         = "FALSE"
  }
  # An identity for the agent; it has no roles, and the scope shows nothing but its address.
  service_account {
    email  = var.service_account
    scopes = ["https://www.googleapis.com/auth/userinfo.email"]
  }

  boot_disk {
    initialize_params {
      image = "ubuntu-os-cloud/ubuntu-2404-lts-amd64"
      size  = 20
      type  = "pd-balanced"
    }
  }
  # It is not removed with the machine, which shuts down before it goes.
  attached_disk {
    source      = google_compute_disk.home.id
    device_name = local.disk
  }
  # No access_config: the machine has no public address, and the agent calls berth.
  network_interface {
    subnetwork = var.subnetwork
  }
  shielded_instance_config {
    enable_secure_boot          = true
    enable_vtpm                 = true
    enable_integrity_monitoring = true
  }
}

resource "coder_metadata" "workspace" {
  count       = data.coder_workspace.me.start_count
  resource_id = google_compute_instance.workspace[0].id
  icon        = "/icon/gcp.svg"
  item {
    key   = "machine"
    value = "${data.coder_parameter.machine_type.value} in ${var.zone}"
  }
}

resource "coder_metadata" "home" {
  resource_id = google_compute_disk.home.id
  icon        = "/icon/folder.svg"
  item {
    key   = "size"
    value = "${data.coder_parameter.home_size.value} GiB"
  }
}
