terraform {
  required_providers {
    coder = {
      source = "coder/coder"
    }
  }
}

# What hangs on agents, named directly, through a local value, and below a dev container.
resource "coder_agent" "first" {
  os   = "linux"
  arch = "amd64"
  env  = { PATH = "/usr/bin" }
}

resource "coder_agent" "second" {
  os   = "linux"
  arch = "amd64"
}

locals {
  second = coder_agent.second.id
}

resource "coder_app" "editor" {
  agent_id     = coder_agent.first.id
  slug         = "editor"
  display_name = "Editor"
  url          = "http://localhost:8080?other=${coder_agent.second.os}"
  icon         = "/icon/code.svg"
  share        = "authenticated"
  subdomain    = true
  order        = 3
  group        = "Tools"
  open_in      = "tab"
  tooltip      = "Edits"
  healthcheck {
    url       = "http://localhost:8080/healthz"
    interval  = 5
    threshold = 6
  }
}

resource "coder_app" "shell" {
  agent_id = local.second
  slug     = "shell"
  command  = "bash"
  hidden   = true
}

resource "coder_app" "docs" {
  agent_id = coder_agent.first.id
  slug     = "docs"
  url      = "https://example.com/docs"
  external = true
}

resource "coder_script" "install" {
  agent_id           = coder_agent.first.id
  display_name       = "Install"
  icon               = "/icon/install.svg"
  script             = "echo installing"
  run_on_start       = true
  start_blocks_login = true
  timeout            = 60
  log_path           = "/tmp/install.log"
}

resource "coder_script" "nightly" {
  agent_id     = local.second
  display_name = "Nightly"
  script       = "echo night"
  cron         = "0 0 2 * * *"
}

resource "coder_env" "b_path" {
  agent_id       = coder_agent.first.id
  name           = "PATH"
  value          = "/b"
  merge_strategy = "append"
}

resource "coder_env" "a_path" {
  agent_id       = coder_agent.first.id
  name           = "PATH"
  value          = "/a"
  merge_strategy = "prepend"
}

resource "coder_env" "via_local" {
  agent_id = local.second
  name     = "WHO"
  value    = "second"
}

resource "coder_devcontainer" "project" {
  agent_id         = coder_agent.first.id
  workspace_folder = "/workspace/project"
  config_path      = "/workspace/project/devcontainer.json"
}

resource "coder_app" "inside" {
  agent_id = coder_devcontainer.project.subagent_id
  slug     = "inside"
  url      = "http://localhost:3000"
}

resource "coder_env" "inside" {
  agent_id = coder_devcontainer.project.subagent_id
  name     = "INSIDE"
  value    = "yes"
}

resource "terraform_data" "first" {
  input = coder_agent.first.id
}

resource "terraform_data" "second" {
  input = local.second
}
