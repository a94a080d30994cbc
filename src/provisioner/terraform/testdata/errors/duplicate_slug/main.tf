terraform {
  required_providers {
    coder = {
      source = "coder/coder"
    }
  }
}

resource "coder_agent" "dev" {
  os   = "linux"
  arch = "amd64"
}

resource "coder_app" "one" {
  agent_id = coder_agent.dev.id
  slug     = "same"
  url      = "http://localhost:1"
}

resource "coder_app" "two" {
  agent_id = coder_agent.dev.id
  slug     = "same"
  url      = "http://localhost:2"
}
