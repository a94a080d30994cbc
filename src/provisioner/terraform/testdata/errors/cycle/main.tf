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
  env  = { CONTAINER = terraform_data.container.id }
}

resource "terraform_data" "container" {
  input = coder_agent.dev.token
}
