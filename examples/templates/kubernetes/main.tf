# A workspace that is a pod. Its home folder is a persistent volume, which outlives the pod.
terraform {
  required_version = ">= 1.4"
  required_providers {
    coder = {
      source  = "coder/coder"
      version = ">= 2.13"
    }
    kubernetes = {
      source  = "hashicorp/kubernetes"
      version = "~> 2.38"
    }
  }
}

provider "kubernetes" {
  config_path = var.kubeconfig == "" ? null : var.kubeconfig
}

data "coder_workspace" "me" {}
data "coder_workspace_owner" "me" {}

locals {
  # The workspace's id, because its name can change.
  name = "berth-${data.coder_workspace.me.id}"
  home = "/home/vscode"
  # Another name for each token, so that a new token makes a new pod.
  secret = "${local.name}-${nonsensitive(substr(sha256(coder_agent.main.token), 0, 8))}"
  # Pods are found by the first label; the others are for people.
  match = { "app.kubernetes.io/instance" = local.name }
  labels = merge(local.match, {
    "app.kubernetes.io/name"       = "workspace"
    "app.kubernetes.io/managed-by" = "berth"
    "berth/owner"                  = data.coder_workspace_owner.me.name
    "berth/workspace"              = data.coder_workspace.me.name
  })
}

resource "coder_agent" "main" {
  os                      = "linux"
  arch                    = var.arch
  startup_script_behavior = "blocking"
  startup_script          = <<-EOT
    set -eu
    # A new volume is empty.
    test -e "$HOME/.profile" || cp -rT /etc/skel "$HOME"
  EOT

  metadata {
    key          = "cpu"
    display_name = "Processor (100 % is one)"
    script       = <<-EOT
      used() { sed -n 's/^usage_usec //p' /sys/fs/cgroup/cpu.stat; }
      before=$(used)
      sleep 1
      echo "$((($(used) - before) / 10000)) %"
    EOT
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
    display_name = "Disk of the home folder"
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
  url          = "http://127.0.0.1:13337/?folder=${local.home}"
  share        = "owner"
  healthcheck {
    url       = "http://127.0.0.1:13337/healthz"
    interval  = 5
    threshold = 12
  }
}

# The home folder: made with the workspace, kept while it is stopped, removed when it is deleted.
resource "kubernetes_persistent_volume_claim_v1" "home" {
  metadata {
    name      = "${local.name}-home"
    namespace = var.namespace
    labels    = local.labels
  }
  # Many storage classes make the volume only when a pod wants it.
  wait_until_bound = false
  spec {
    access_modes       = ["ReadWriteOnce"]
    storage_class_name = var.storage_class == "" ? null : var.storage_class
    resources {
      requests = { storage = "${data.coder_parameter.home_size.value}Gi" }
    }
  }
  lifecycle {
    # Another class would mean a new, empty volume.
    ignore_changes = [metadata[0].namespace, spec[0].storage_class_name]
  }
}

# The agent's token, so that it is not in the pod's description. The pod names it without a reference: berth shows an
# agent with the resource that refers to it most directly, and that is to be the deployment.
resource "kubernetes_secret_v1" "agent" {
  count = data.coder_workspace.me.start_count
  metadata {
    name      = local.secret
    namespace = var.namespace
    labels    = local.labels
  }
  data = { token = coder_agent.main.token }
}

# Nobody calls the pod: the agent calls berth.
resource "kubernetes_network_policy_v1" "no_ingress" {
  count = data.coder_workspace.me.start_count
  metadata {
    name      = local.name
    namespace = var.namespace
    labels    = local.labels
  }
  spec {
    policy_types = ["Ingress"]
    pod_selector {
      match_labels = local.match
    }
  }
}

resource "kubernetes_deployment_v1" "workspace" {
  count = data.coder_workspace.me.start_count
  metadata {
    name      = local.name
    namespace = var.namespace
    labels    = local.labels
  }
  spec {
    replicas = 1
    selector {
      match_labels = local.match
    }
    # The volume belongs to one pod at a time.
    strategy {
      type = "Recreate"
    }
    template {
      metadata {
        labels = local.labels
      }
      spec {
        hostname                         = lower(data.coder_workspace.me.name)
        node_selector                    = { "kubernetes.io/arch" = var.arch }
        automount_service_account_token  = false
        enable_service_links             = false
        termination_grace_period_seconds = 30
        security_context {
          run_as_user            = 1000
          run_as_group           = 1000
          run_as_non_root        = true
          fs_group               = 1000
          fs_group_change_policy = "OnRootMismatch"
          seccomp_profile {
            type = "RuntimeDefault"
          }
        }
        container {
          name    = "workspace"
          image   = data.coder_parameter.image.value
          command = ["sh", "-c", coder_agent.main.init_script]
          security_context {
            allow_privilege_escalation = false
            capabilities {
              drop = ["ALL"]
            }
          }
          # A quarter of the processors is reserved, since a workspace waits most of its time; memory cannot be lent.
          resources {
            requests = {
              cpu    = "${data.coder_parameter.cpus.value * 250}m"
              memory = "${data.coder_parameter.memory.value}Gi"
            }
            limits = {
              cpu    = data.coder_parameter.cpus.value
              memory = "${data.coder_parameter.memory.value}Gi"
            }
          }
          env {
            name  = "HOME"
            value = local.home
          }
          env {
            name = "CODER_AGENT_TOKEN"
            value_from {
              secret_key_ref {
                name = local.secret
                key  = "token"
              }
            }
          }
          volume_mount {
            name       = "home"
            mount_path = local.home
          }
        }
        volume {
          name = "home"
          persistent_volume_claim {
            claim_name = kubernetes_persistent_volume_claim_v1.home.metadata[0].name
          }
        }
      }
    }
  }
}

resource "coder_metadata" "hidden" {
  for_each = merge(
    { for secret in kubernetes_secret_v1.agent : "secret" => secret.id },
    { for policy in kubernetes_network_policy_v1.no_ingress : "policy" => policy.id },
  )
  resource_id = each.value
  hide        = true
}
