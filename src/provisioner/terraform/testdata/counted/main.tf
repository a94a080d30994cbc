terraform {
  required_providers {
    coder = {
      source = "coder/coder"
    }
  }
}

# count and for_each, with metadata on one of several instances.
data "coder_workspace" "me" {}

resource "coder_agent" "dev" {
  count = data.coder_workspace.me.start_count
  os    = "linux"
  arch  = "amd64"
}

resource "coder_app" "ports" {
  for_each = data.coder_workspace.me.start_count == 0 ? {} : { api = 8000, "web.ui" = 8001 }
  agent_id = coder_agent.dev[0].id
  slug     = replace(each.key, ".", "-")
  url      = "http://localhost:${each.value}"
}

resource "terraform_data" "home" {
}

resource "terraform_data" "machine" {
  for_each = data.coder_workspace.me.start_count == 0 ? {} : { "a.b[x]" = 1, c = 2 }
  input    = coder_agent.dev[0].token
}

resource "coder_metadata" "home" {
  resource_id = terraform_data.home.id
  daily_cost  = 3
  icon        = "/icon/folder.svg"
  item {
    key   = "size"
    value = "10 GiB"
  }
}

resource "coder_metadata" "machine" {
  for_each    = terraform_data.machine
  resource_id = each.value.id
  hide        = each.key == "c"
  daily_cost  = 10
  item {
    key       = "password"
    value     = "hunter2"
    sensitive = true
  }
  item {
    key = "nothing"
  }
}
