# What administrators set for the template.
variable "resource_group" {
  type        = string
  description = "Resource group of the workspaces. It has to be there already; machines and disks are in its region."
}

variable "subnet_id" {
  type        = string
  description = "Resource id of the workspaces' subnet. Machines have no public address, so it needs a NAT gateway."
  validation {
    condition     = can(regex("^/subscriptions/.+/subnets/[^/]+$", var.subnet_id))
    error_message = "A subnet's id looks like /subscriptions/.../virtualNetworks/NAME/subnets/NAME."
  }
}

variable "operator_key" {
  type        = string
  description = "SSH public key (RSA or Ed25519) of the account \"berthoperator\". Azure makes no machine without one."
}

# What owners choose for their workspace.
data "coder_parameter" "size" {
  name         = "size"
  display_name = "Machine"
  type         = "string"
  form_type    = "dropdown"
  default      = "Standard_D2s_v5"
  mutable      = true
  order        = 1
  # Sizes with SCSI disks only: home-disk.sh finds the disk by a name that they give it.
  option {
    name  = "2 processors, 8 GiB"
    value = "Standard_D2s_v5"
  }
  option {
    name  = "4 processors, 16 GiB"
    value = "Standard_D4s_v5"
  }
  option {
    name  = "8 processors, 32 GiB"
    value = "Standard_D8s_v5"
  }
}

data "coder_parameter" "home_size" {
  name         = "home_size"
  display_name = "Home disk (GiB)"
  description  = "Can grow later, and never shrinks."
  type         = "number"
  default      = 32
  mutable      = true
  order        = 2
  validation {
    min       = 8
    max       = 1024
    monotonic = "increasing"
  }
}
