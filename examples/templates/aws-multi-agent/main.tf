# A workspace that is one EC2 instance with two agents: "main" is for its owner, "dev" for what is being developed.
# The instance is made at each start; the homes of both are on a disk of their own.
terraform {
  required_version = ">= 1.4"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
    coder = {
      source  = "coder/coder"
      version = ">= 2.13"
    }
  }
}

provider "aws" {
  region = var.region
  default_tags {
    tags = {
      Name              = "${data.coder_workspace_owner.me.name}/${data.coder_workspace.me.name}"
      "berth:workspace" = data.coder_workspace.me.id
      "berth:owner"     = data.coder_workspace_owner.me.name
    }
  }
}

data "coder_workspace" "me" {}
data "coder_workspace_owner" "me" {}

data "aws_subnet" "main" {
  id = var.subnet_id
}

# The newest Ubuntu image, as its maker publishes it.
data "aws_ssm_parameter" "image" {
  name = "/aws/service/canonical/ubuntu/server/24.04/stable/current/${local.arch}/hvm/ebs-gp3/ami-id"
}

locals {
  # The workspace's id, because its name can change.
  name = "berth-${data.coder_workspace.me.id}"
  # Types with a "g" after the generation, such as m7g, have Graviton processors.
  arch   = can(regex("^[a-z]+[0-9]+g", data.coder_parameter.instance_type.value)) ? "arm64" : "amd64"
  device = "/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_${replace(aws_ebs_volume.home.id, "-", "")}"

  # What the machine does when it boots for the first time. There is no secret in it: both agents prove themselves with
  # the machine's identity document. As that is the same for both, CODER_AGENT_NAME, which berth-agent@.service sets,
  # tells which of them a process is.
  cloud_config = {
    hostname = lower(data.coder_workspace.me.name)
    # An agent runs as the account of the same name. Only the owner's may become root.
    users = [
      { name = "main", uid = 1000, shell = "/bin/bash", lock_passwd = true, sudo = "ALL=(ALL) NOPASSWD:ALL" },
      { name = "dev", uid = 1001, shell = "/bin/bash", lock_passwd = true },
    ]
    write_files = [
      { path = "/opt/berth/agent-main.sh", content = coder_agent.main.init_script },
      { path = "/opt/berth/agent-dev.sh", content = coder_agent.dev.init_script },
      { path = "/opt/berth/home-disk.sh", content = file("${path.module}/home-disk.sh"), permissions = "0755" },
      {
        path    = "/etc/systemd/system/berth-agent@.service"
        content = templatefile("${path.module}/berth-agent@.service", { device = local.device })
      },
    ]
    runcmd = [
      ["systemctl", "daemon-reload"],
      ["systemctl", "enable", "--now", "berth-agent@main.service", "berth-agent@dev.service"],
    ]
  }
}

# The owner's agent: terminals, editors and sudo.
resource "coder_agent" "main" {
  os    = "linux"
  arch  = local.arch
  auth  = "aws-instance-identity"
  order = 1
  # A machine takes longer to boot than a container.
  connection_timeout = 300

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

# The agent for services and programs under development: an account that cannot become root or read the owner's home.
resource "coder_agent" "dev" {
  os                 = "linux"
  arch               = local.arch
  auth               = "aws-instance-identity"
  order              = 2
  connection_timeout = 300

  startup_script_behavior = "blocking"
  startup_script          = <<-EOT
    set -eu
    mkdir -p "$HOME/services"
    echo "Ready: services belong into $HOME/services"
  EOT

  metadata {
    key          = "processes"
    display_name = "Processes"
    script       = "ps -u \"$USER\" --no-headers | wc -l"
    interval     = 15
    timeout      = 5
    order        = 1
  }
}

resource "coder_app" "processes" {
  agent_id     = coder_agent.main.id
  slug         = "processes"
  display_name = "Processes"
  icon         = "/icon/terminal.svg"
  command      = "top"
}

# The editor asks for no password, and every account of the machine can reach it. So it is dev's: who reaches it gets no
# further than dev.
resource "coder_script" "editor" {
  agent_id     = coder_agent.dev.id
  display_name = "Editor in the browser"
  icon         = "/icon/code.svg"
  run_on_start = true
  script       = file("${path.module}/code-server.sh")
}

resource "coder_app" "editor" {
  agent_id     = coder_agent.dev.id
  slug         = "editor"
  display_name = "Editor"
  icon         = "/icon/code.svg"
  url          = "http://127.0.0.1:13337/?folder=/home/dev"
  share        = "owner"
  healthcheck {
    url       = "http://127.0.0.1:13337/healthz"
    interval  = 5
    threshold = 12
  }
}

# The disk of both homes: made with the workspace, kept while it is stopped, removed when it is deleted.
resource "aws_ebs_volume" "home" {
  availability_zone = data.aws_subnet.main.availability_zone
  size              = data.coder_parameter.home_size.value
  type              = "gp3"
  encrypted         = true
  lifecycle {
    # Another zone would mean a new, empty disk.
    ignore_changes = [availability_zone, encrypted]
  }
}

# No rule lets anything in: the agent calls berth.
resource "aws_security_group" "workspace" {
  count       = data.coder_workspace.me.start_count
  name        = local.name
  description = "Workspace: everything out, nothing in"
  vpc_id      = data.aws_subnet.main.vpc_id
  egress {
    from_port        = 0
    to_port          = 0
    protocol         = "-1"
    cidr_blocks      = ["0.0.0.0/0"]
    ipv6_cidr_blocks = ["::/0"]
  }
}

resource "aws_instance" "workspace" {
  count                       = data.coder_workspace.me.start_count
  ami                         = data.aws_ssm_parameter.image.insecure_value
  instance_type               = data.coder_parameter.instance_type.value
  subnet_id                   = var.subnet_id
  vpc_security_group_ids      = [aws_security_group.workspace[0].id]
  associate_public_ip_address = var.public_address
  user_data                   = "#cloud-config\n${jsonencode(local.cloud_config)}"
  user_data_replace_on_change = true

  # No instance profile: the machine has no rights in AWS. Its identity document is for its own processes only, not for
  # what they forward requests for, and not for containers.
  metadata_options {
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }
  root_block_device {
    volume_size = 20
    volume_type = "gp3"
    encrypted   = true
  }
}

resource "aws_volume_attachment" "home" {
  count       = data.coder_workspace.me.start_count
  device_name = "/dev/sdh"
  volume_id   = aws_ebs_volume.home.id
  instance_id = aws_instance.workspace[0].id
  # So that the machine shuts down and writes everything, before its disk is taken away.
  stop_instance_before_detaching = true
}

resource "coder_metadata" "workspace" {
  count       = data.coder_workspace.me.start_count
  resource_id = aws_instance.workspace[0].id
  icon        = "/icon/aws.svg"
  item {
    key   = "machine"
    value = "${data.coder_parameter.instance_type.value} in ${var.region}"
  }
}

resource "coder_metadata" "home" {
  resource_id = aws_ebs_volume.home.id
  icon        = "/icon/folder.svg"
  item {
    key   = "size"
    value = "${data.coder_parameter.home_size.value} GiB"
  }
}
