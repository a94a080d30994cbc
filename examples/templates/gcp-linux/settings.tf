# What administrators set for the template.
variable "project" {
  type        = string
  description = "Google Cloud project of the workspaces."
}

variable "zone" {
  type        = string
  default     = "europe-west1-b"
  description = "Zone of the workspaces."
}

variable "subnetwork" {
  type        = string
  description = "Name or self link of the subnetwork. Machines have no public address, so it needs Cloud NAT."
}

variable "service_account" {
  type        = string
  description = "E-mail address of a service account without any role; agents prove themselves by it."
  validation {
    condition     = can(regex("^[^@]+@[^@]+[.]gserviceaccount[.]com$", var.service_account))
    error_message = "A service account's address ends in gserviceaccount.com."
  }
}

# What owners choose for their workspace.
data "coder_parameter" "machine_type" {
  name         = "machine_type"
  display_name = "Machine"
  type         = "string"
  form_type    = "dropdown"
  default      = "e2-standard-2"
  mutable      = true
  order        = 1
  option {
    name  = "2 processors, 8 GiB"
    value = "e2-standard-2"
  }
  option {
    name  = "4 processors, 16 GiB"
    value = "e2-standard-4"
  }
  option {
    name  = "8 processors, 32 GiB"
    value = "e2-standard-8"
  }
}

data "coder_parameter" "home_size" {
  name         = "home_size"
  display_name = "Home disk (GiB)"
  description  = "Can grow later, and never shrinks."
  type         = "number"
  default      = 30
  mutable      = true
  order        = 2
  validation {
    min       = 10
    max       = 1000
    monotonic = "increasing"
  }
}
