# A workspace that is a Nomad job with one Docker container. Its home folder is a dynamic host volume, which outlives the
# job.
terraform {
  required_version = ">= 1.4"
  required_providers {
    coder = {
      source  = "coder/coder"
      version = ">= 2.13"
    }
    nomad = {
      source  = "hashicorp/nomad"
      version = "~> 2.5"
    }
  }
}

provider "nomad" {
  address = var.address
}

data "coder_workspace" "me" {}
data "coder_workspace_owner" "me" {}

locals {
  # The workspace's id, because its name can change.
  name = "berth-${data.coder_workspace.me.id}"
  home = "/home/vscode"

  # The job, in the form of Nomad's API: JSON has no interpolation that scripts and tokens could stumble over.
  mounts = [{ Volume = "home", Destination = local.home }]
  group = {
    Name = "workspace"
    Volumes = {
      home = {
        Name           = "home"
        Type           = "host"
        Source         = nomad_dynamic_host_volume.home.name
        AccessMode     = "single-node-writer"
        AttachmentMode = "file-system"
      }
    }
    # The home folder is on one node, so there is no other to go to.
    ReschedulePolicy = { Attempts = 0, Unlimited = false }
    RestartPolicy    = { Attempts = 10, Interval = 600 * local.second, Delay = 15 * local.second, Mode = "delay" }
    Tasks            = [local.prepare, local.workspace]
  }
  # A new volume belongs to root.
  prepare = {
    Name         = "prepare"
    Driver       = "docker"
    User         = "root"
    Lifecycle    = { Hook = "prestart" }
    Config       = { image = data.coder_parameter.image.value, entrypoint = ["chown", "1000:1000", local.home] }
    VolumeMounts = local.mounts
    Resources    = { CPU = 100, MemoryMB = 64 }
  }
  workspace = {
    Name   = "workspace"
    Driver = "docker"
    User   = "1000:1000"
    Config = {
      image      = data.coder_parameter.image.value
      entrypoint = ["sh", "-c", coder_agent.main.init_script]
      init       = true
    }
    Env          = { HOME = local.home }
    VolumeMounts = local.mounts
    # The token is in a Nomad variable that only this job may read, and reaches the container through a private file.
    Templates = [{
      DestPath     = "secrets/agent.env"
      EmbeddedTmpl = "CODER_AGENT_TOKEN={{ with nomadVar \"nomad/jobs/${local.name}\" }}{{ .token }}{{ end }}\n"
      Envvars      = true
      ChangeMode   = "restart"
    }]
    Resources = {
      CPU      = tonumber(data.coder_parameter.cpu.value)
      MemoryMB = data.coder_parameter.memory.value * 1024
    }
    # Time for the agent to end what it runs.
    KillTimeout = 10 * local.second
  }
  # Nomad counts in nanoseconds.
  second = 1000000000
}

resource "coder_agent" "main" {
  os                      = "linux"
  arch                    = var.arch
  startup_script_behavior = "blocking"
  startup_script          = <<-EOT
    set -eu
    # A new volume is empty.
    test -e "$HOME/.profile" || cp -rT /etc/skel "$HOME"
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
  url          = "http://127.0.0.1:13337/?folder=${local.home}"
  share        = "owner"
  healthcheck {
    url       = "http://127.0.0.1:13337/healthz"
    interval  = 5
    threshold = 12
  }
}

# The home folder: made with the workspace, kept while it is stopped, removed when it is deleted.
resource "nomad_dynamic_host_volume" "home" {
  name      = "${local.name}-home"
  namespace = var.namespace
  node_pool = var.node_pool
  plugin_id = "mkdir"
  capability {
    access_mode     = "single-node-writer"
    attachment_mode = "file-system"
  }
  lifecycle {
    # Any change would be a new, empty volume.
    ignore_changes = all
  }
}

# Nomad removes no volume that is in use, and a job takes a moment to end. So at a delete, wait between the two.
resource "terraform_data" "pause" {
  input = nomad_dynamic_host_volume.home.id
  provisioner "local-exec" {
    when    = destroy
    command = "sleep 20"
  }
}

# The job names the variable without a reference, and waits for it: berth shows an agent with the resource that refers to
# it most directly, and that is to be the job.
resource "nomad_variable" "agent" {
  count     = data.coder_workspace.me.start_count
  path      = "nomad/jobs/${local.name}"
  namespace = var.namespace
  items     = { token = coder_agent.main.token }
}

resource "nomad_job" "workspace" {
  count            = data.coder_workspace.me.start_count
  json             = true
  purge_on_destroy = true
  jobspec = jsonencode({
    ID          = local.name
    Name        = local.name
    Type        = "service"
    Namespace   = var.namespace
    NodePool    = var.node_pool
    Datacenters = ["*"]
    Meta        = { owner = data.coder_workspace_owner.me.name, workspace = data.coder_workspace.me.name }
    TaskGroups  = [local.group]
  })
  depends_on = [terraform_data.pause]
}

resource "coder_metadata" "workspace" {
  count       = data.coder_workspace.me.start_count
  resource_id = nomad_job.workspace[0].id
  icon        = "/icon/nomad.svg"
  item {
    key   = "image"
    value = data.coder_parameter.image.value
  }
}

resource "coder_metadata" "pause" {
  resource_id = terraform_data.pause.id
  hide        = true
}
