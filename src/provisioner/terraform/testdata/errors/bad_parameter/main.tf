terraform {
  required_providers {
    coder = {
      source = "coder/coder"
    }
  }
}

data "coder_parameter" "nickname" {
  name    = "nickname"
  default = "UPPER"
  validation {
    regex = "^[a-z]+$"
    error = "only small letters"
  }
}
