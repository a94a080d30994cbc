terraform {
  required_providers {
    coder = {
      source = "coder/coder"
    }
  }
}

resource "coder_agent" "dev" {
  count = 2
  os    = "linux"
  arch  = "amd64"
}
