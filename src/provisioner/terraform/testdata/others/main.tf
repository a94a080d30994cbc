terraform {
  required_providers {
    coder = {
      source = "coder/coder"
    }
  }
}

# An agent that runs outside, and a task with its app.
resource "coder_agent" "outside" {
  os   = "linux"
  arch = "amd64"
}

resource "coder_external_agent" "outside" {
  agent_id = coder_agent.outside.id
}

resource "coder_app" "chat" {
  agent_id = coder_agent.outside.id
  slug     = "chat"
  url      = "http://localhost:3284"
}

resource "coder_ai_task" "task" {
  app_id = coder_app.chat.id
}
