terraform {
  required_providers {
    coder = {
      source = "coder/coder"
    }
  }
}

data "coder_parameter" "region" {
  name         = "region"
  display_name = "Region"
  description  = "Where to run"
  icon         = "/icon/map.svg"
  default      = "eu"
  order        = 1
  mutable      = true
  option {
    name        = "Europe"
    description = "close"
    value       = "eu"
    icon        = "/icon/eu.svg"
  }
  option {
    name  = "America"
    value = "us"
  }
}

data "coder_parameter" "cpus" {
  name      = "cpus"
  type      = "number"
  default   = "2"
  form_type = "slider"
  mutable   = true
  validation {
    min       = 1
    max       = 8
    monotonic = "increasing"
  }
}

data "coder_parameter" "at_least" {
  name    = "at_least"
  type    = "number"
  default = 5
  validation {
    min = 0
  }
}

data "coder_parameter" "nickname" {
  name = "nickname"
  validation {
    regex = "^[a-z]+$"
    error = "only small letters"
  }
}

data "coder_parameter" "debug" {
  name      = "debug"
  type      = "bool"
  default   = false
  ephemeral = true
  mutable   = true
}

data "coder_parameter" "tools" {
  name      = "tools"
  type      = "list(string)"
  default   = jsonencode(["git", "vim"])
  form_type = "tag-select"
}

data "coder_parameter" "notes" {
  name      = "notes"
  form_type = "textarea"
  default   = ""
}

data "coder_workspace_preset" "quick" {
  name        = "Quick"
  description = "Small and soon"
  icon        = "/icon/bolt.svg"
  default     = true
  parameters = {
    (data.coder_parameter.region.name) = "us"
    (data.coder_parameter.cpus.name)   = "1"
  }
  prebuilds {
    instances = 2
    expiration_policy {
      ttl = 86400
    }
    scheduling {
      timezone = "Europe/Berlin"
      schedule {
        cron      = "* 8-18 * * 1-5"
        instances = 5
      }
    }
  }
}

data "coder_workspace_preset" "bare" {
  name = "Bare"
}

data "coder_external_auth" "github" {
  id = "github"
}

data "coder_external_auth" "gitlab" {
  id       = "gitlab"
  optional = true
}
