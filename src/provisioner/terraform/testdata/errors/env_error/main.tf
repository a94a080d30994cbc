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
  env  = { PATH = "/bin" }
}

resource "coder_env" "path" {
  agent_id       = coder_agent.dev.id
  name           = "PATH"
  value          = "/sbin"
  merge_strategy = "error"
}
