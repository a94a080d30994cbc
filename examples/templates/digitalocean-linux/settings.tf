# What administrators set for the template.
variable "ssh_keys" {
  type        = list(string)
  default     = []
  description = "Fingerprints of operators' keys. Without one DigitalOcean mails a root password at each start."
}

# What owners choose for their workspace.
data "coder_parameter" "region" {
  name         = "region"
  display_name = "Region"
  type         = "string"
  form_type    = "dropdown"
  default      = "fra1"
  # The home disk is there.
  mutable = false
  order   = 1
  option {
    name  = "Frankfurt"
    value = "fra1"
  }
  option {
    name  = "London"
    value = "lon1"
  }
  option {
    name  = "New York"
    value = "nyc3"
  }
  option {
    name  = "Singapore"
    value = "sgp1"
  }
}

data "coder_parameter" "size" {
  name         = "size"
  display_name = "Machine"
  type         = "string"
  form_type    = "dropdown"
  default      = "s-2vcpu-4gb"
  mutable      = true
  order        = 2
  option {
    name  = "2 processors, 4 GiB"
    value = "s-2vcpu-4gb"
  }
  option {
    name  = "4 processors, 8 GiB"
    value = "s-4vcpu-8gb"
  }
  option {
    name  = "8 processors, 16 GiB"
    value = "s-8vcpu-16gb"
  }
}

data "coder_parameter" "home_size" {
  name         = "home_size"
  display_name = "Home disk (GiB)"
  description  = "Can grow later, and never shrinks."
  type         = "number"
  default      = 20
  mutable      = true
  order        = 3
  validation {
    min       = 1
    max       = 1000
    monotonic = "increasing"
  }
}
