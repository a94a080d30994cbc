# What administrators set for the template.
variable "region" {
  type        = string
  default     = "us-east-1"
  description = "AWS region of the workspaces."
}

variable "subnet_id" {
  type        = string
  description = "Subnet of the workspaces; machines and disks are in its availability zone."
  validation {
    condition     = can(regex("^subnet-[0-9a-f]+$", var.subnet_id))
    error_message = "A subnet's id looks like subnet-0123456789abcdef0."
  }
}

variable "public_address" {
  type        = bool
  default     = true
  description = "Give machines a public address, as subnets without a NAT gateway need. Nothing gets in by it."
}

# What owners choose for their workspace.
data "coder_parameter" "instance_type" {
  name         = "instance_type"
  display_name = "Machine"
  type         = "string"
  form_type    = "dropdown"
  default      = "t3.large"
  mutable      = true
  order        = 1
  # Types of the Nitro system only: home-disk.sh finds the disk by a name that they give it.
  option {
    name  = "2 processors, 8 GiB"
    value = "t3.large"
  }
  option {
    name  = "4 processors, 16 GiB"
    value = "m7i.xlarge"
  }
  option {
    name  = "2 processors, 8 GiB, ARM"
    value = "t4g.large"
  }
  option {
    name  = "4 processors, 16 GiB, ARM"
    value = "m7g.xlarge"
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
