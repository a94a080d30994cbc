terraform {
  required_providers {
    coder = {
      source = "coder/coder"
    }
  }
}

variable "name" {
  type = string
}

variable "agent_id" {
  type = string
}

resource "coder_app" "tool" {
  agent_id = var.agent_id
  slug     = var.name
  url      = "http://localhost:9000"
}

resource "coder_env" "tool" {
  agent_id = var.agent_id
  name     = "TOOL_${upper(var.name)}"
  value    = var.name
}

# An agent of the module's own, on a machine of its own.
resource "coder_agent" "helper" {
  count = var.name == "one" ? 1 : 0
  os    = "linux"
  arch  = "amd64"
}

resource "terraform_data" "helper" {
  count = var.name == "one" ? 1 : 0
  input = coder_agent.helper[0].id
}
