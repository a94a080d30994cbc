terraform {
  required_providers {
    coder = {
      source = "coder/coder"
    }
  }
}

resource "coder_agent" "main" {
  os   = "linux"
  arch = "amd64"
}

resource "terraform_data" "machine" {
  input = coder_agent.main.id
}

module "tools" {
  source   = "./inner"
  for_each = toset(["one", "two"])
  name     = each.key
  agent_id = coder_agent.main.id
}
