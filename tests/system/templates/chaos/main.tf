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

variable "journal" {
  type        = string
  description = "Where each resource says what becomes of it"
}

data "coder_provisioner" "me" {}
data "coder_workspace" "me" {}

data "coder_parameter" "pause" {
  name    = "pause"
  type    = "string"
  default = "0"
  mutable = true
}

locals {
  home = "${var.folder}/${data.coder_workspace.me.id}"
}

resource "coder_agent" "main" {
  os   = data.coder_provisioner.me.os
  arch = data.coder_provisioner.me.arch
}

# Lives as long as the workspace.
resource "terraform_data" "home" {
  input = {
    file    = "${local.home}/home"
    journal = var.journal
  }
  provisioner "local-exec" {
    command = "exec sh ./resource.sh make '${self.id}' '${self.input.file}' 0 '${self.input.journal}'"
  }
  provisioner "local-exec" {
    when    = destroy
    command = "exec sh ./resource.sh remove '${self.id}' '${self.input.file}' 0 '${self.input.journal}'"
  }
}

# Made anew at each start. Their names stay, so that what a killed terraform forgot is found again.
resource "terraform_data" "file" {
  count            = 3 * data.coder_workspace.me.start_count
  depends_on       = [terraform_data.home]
  triggers_replace = [timestamp()]
  input = {
    file    = "${local.home}/file-${count.index}"
    journal = var.journal
    pause   = data.coder_parameter.pause.value
  }
  provisioner "local-exec" {
    command = "exec sh ./resource.sh make '${self.id}' '${self.input.file}' '${self.input.pause}' '${self.input.journal}'"
  }
  provisioner "local-exec" {
    when    = destroy
    command = "exec sh ./resource.sh remove '${self.id}' '${self.input.file}' '${self.input.pause}' '${self.input.journal}'"
  }
}
