# A workspace that is a virtual machine of Azure. The machine is made at each start; the home folder is a disk of its
# own.
terraform {
  required_version = ">= 1.4"
  required_providers {
    azurerm = {
      source  = "hashicorp/azurerm"
      version = "~> 4.0"
    }
    coder = {
      source  = "coder/coder"
      version = ">= 2.13"
    }
  }
}

provider "azurerm" {
  # What the subscription needs is registered once by its administrators.
  resource_provider_registrations = "none"
  features {}
}

data "coder_workspace" "me" {}
data "coder_workspace_owner" "me" {}

data "azurerm_resource_group" "main" {
  name = var.resource_group
}

locals {
  # The workspace's id, because its name can change.
  name     = "berth-${data.coder_workspace.me.id}"
  user     = "coder"
  operator = "berthoperator"
  # The disk's number on the machine, and what Azure's udev rules make of it.
  lun    = 10
  device = "/dev/disk/azure/scsi1/lun${local.lun}"
  tags = {
    "berth-owner"     = data.coder_workspace_owner.me.name
    "berth-workspace" = data.coder_workspace.me.name
  }

  # What the machine does when it boots for the first time. There is no secret in it: the agent proves itself with the
  # machine's attested document.
  cloud_config = {
    # The machine is its owner's, who therefore may become root. The operator's home is elsewhere: the disk hides /home.
    users = [
      { name = local.user, uid = 1000, shell = "/bin/bash", lock_passwd = true, sudo = "ALL=(ALL) NOPASSWD:ALL" },
      {
        name                = local.operator
        homedir             = "/var/lib/operator"
        shell               = "/bin/bash"
        lock_passwd         = true
        sudo                = "ALL=(ALL) NOPASSWD:ALL"
        ssh_authorized_keys = [var.operator_key]
      },
    ]
    write_files = [
      { path = "/opt/berth/agent.sh", content = coder_agent.main.init_script },
      { path = "/opt/berth/home-disk.sh", content = file("${path.module}/home-disk.sh"), permissions = "0755" },
      {
        path    = "/etc/systemd/system/berth-agent.service"
        content = templatefile("${path.module}/berth-agent.service", { user = local.user, device = local.device })
      },
      # At a stop Azure takes the disk from the running machine. So let everything be on it within a few seconds.
      {
        path    = "/etc/sysctl.d/60-berth.conf"
        content = "vm.dirty_expire_centisecs = 100\nvm.dirty_writeback_centisecs = 100\n"
      },
    ]
    runcmd = [
      ["sysctl", "--quiet", "--load", "/etc/sysctl.d/60-berth.conf"],
      ["systemctl", "daemon-reload"],
      ["systemctl", "enable", "--now", "berth-agent.service"],
    ]
  }
}

resource "coder_agent" "main" {
  os   = "linux"
  arch = "amd64"
  auth = "azure-instance-identity"
  # A machine takes longer to boot than a container.
  connection_timeout      = 300
  startup_script_behavior = "blocking"
  startup_script          = <<-EOT
    set -eu
    mkdir -p "$HOME/projects"
    echo "Ready: projects belong into $HOME/projects"
  EOT

  metadata {
    key          = "cpu"
    display_name = "Processors"
    script       = "coder stat cpu"
    interval     = 10
    timeout      = 5
    order        = 1
  }
  metadata {
    key          = "memory"
    display_name = "Memory"
    script       = "coder stat mem"
    interval     = 10
    timeout      = 5
    order        = 2
  }
  metadata {
    key          = "disk"
    display_name = "Home disk"
    script       = "coder stat disk --path \"$HOME\""
    interval     = 60
    timeout      = 5
    order        = 3
  }
}

resource "coder_script" "editor" {
  agent_id     = coder_agent.main.id
  display_name = "Editor in the browser"
  icon         = "/icon/code.svg"
  run_on_start = true
  script       = file("${path.module}/code-server.sh")
}

resource "coder_app" "editor" {
  agent_id     = coder_agent.main.id
  slug         = "editor"
  display_name = "Editor"
  icon         = "/icon/code.svg"
  url          = "http://127.0.0.1:13337/?folder=/home/${local.user}"
  share        = "owner"
  healthcheck {
    url       = "http://127.0.0.1:13337/healthz"
    interval  = 5
    threshold = 12
  }
}

# The home disk: made with the workspace, kept while it is stopped, removed when it is deleted.
resource "azurerm_managed_disk" "home" {
  name                          = "${local.name}-home"
  resource_group_name           = data.azurerm_resource_group.main.name
  location                      = data.azurerm_resource_group.main.location
  storage_account_type          = "Premium_LRS"
  create_option                 = "Empty"
  disk_size_gb                  = data.coder_parameter.home_size.value
  public_network_access_enabled = false
  network_access_policy         = "DenyAll"
  tags                          = local.tags
  lifecycle {
    # Another place would mean a new, empty disk.
    ignore_changes = [resource_group_name, location]
  }
}

# Nothing gets in, not even from the same network: the agent calls berth.
resource "azurerm_network_security_group" "workspace" {
  count               = data.coder_workspace.me.start_count
  name                = local.name
  resource_group_name = data.azurerm_resource_group.main.name
  location            = data.azurerm_resource_group.main.location
  tags                = local.tags
  security_rule {
    name                       = "nothing-in"
    priority                   = 100
    direction                  = "Inbound"
    access                     = "Deny"
    protocol                   = "*"
    source_address_prefix      = "*"
    source_port_range          = "*"
    destination_address_prefix = "*"
    destination_port_range     = "*"
  }
}

resource "azurerm_network_interface" "workspace" {
  count               = data.coder_workspace.me.start_count
  name                = local.name
  resource_group_name = data.azurerm_resource_group.main.name
  location            = data.azurerm_resource_group.main.location
  tags                = local.tags
  ip_configuration {
    name                          = "inside"
    subnet_id                     = var.subnet_id
    private_ip_address_allocation = "Dynamic"
  }
}

resource "azurerm_network_interface_security_group_association" "workspace" {
  count                     = data.coder_workspace.me.start_count
  network_interface_id      = azurerm_network_interface.workspace[0].id
  network_security_group_id = azurerm_network_security_group.workspace[0].id
}

resource "azurerm_linux_virtual_machine" "workspace" {
  count               = data.coder_workspace.me.start_count
  name                = local.name
  computer_name       = lower(data.coder_workspace.me.name)
  resource_group_name = data.azurerm_resource_group.main.name
  location            = data.azurerm_resource_group.main.location
  size                = data.coder_parameter.size.value
  # By way of the association, so that the machine never runs without its rule.
  network_interface_ids = azurerm_network_interface_security_group_association.workspace[*].network_interface_id
  admin_username        = local.operator
  custom_data           = base64encode("#cloud-config\n${jsonencode(local.cloud_config)}")
  # No identity: the machine has no rights in Azure.
  tags = local.tags
  admin_ssh_key {
    username   = local.operator
    public_key = var.operator_key
  }
  os_disk {
    caching              = "ReadWrite"
    storage_account_type = "StandardSSD_LRS"
  }
  source_image_reference {
    publisher = "Canonical"
    offer     = "ubuntu-24_04-lts"
    sku       = "server"
    version   = "latest"
  }
}

resource "azurerm_virtual_machine_data_disk_attachment" "home" {
  count              = data.coder_workspace.me.start_count
  managed_disk_id    = azurerm_managed_disk.home.id
  virtual_machine_id = azurerm_linux_virtual_machine.workspace[0].id
  lun                = local.lun
  # Not ReadWrite: what the machine has written is on the disk.
  caching = "ReadOnly"
}

resource "coder_metadata" "workspace" {
  count       = data.coder_workspace.me.start_count
  resource_id = azurerm_linux_virtual_machine.workspace[0].id
  icon        = "/icon/azure.svg"
  item {
    key   = "machine"
    value = data.coder_parameter.size.value
  }
}

resource "coder_metadata" "hidden" {
  for_each = merge(
    { for group in azurerm_network_security_group.workspace : "group" => group.id },
    { for interface in azurerm_network_interface.workspace : "interface" => interface.id },
    { for link in azurerm_network_interface_security_group_association.workspace : "link" => link.id },
  )
  resource_id = each.value
  hide        = true
}
