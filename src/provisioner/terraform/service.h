#pragma once

#include "net/drpc/server.h"
#include "provisioner/terraform/session.h"

namespace berth::terraform {

/// Makes `server` answer provisioner.Provisioner/Session. `options` must outlive it.
void register_provisioner(drpc::Server& server, const SessionOptions& options);

}  // namespace berth::terraform
