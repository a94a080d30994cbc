#pragma once

#include "net/drpc/method.h"
#include "provisioner.pb.h"

/// What the provisioner daemon calls on the program that runs Terraform.
namespace berth::rpc::provisioner {

namespace pb = ::provisioner;

/// One stream is one job.
inline constexpr drpc::BidiStream<pb::Request, pb::Response> session{"/provisioner.Provisioner/Session"};

}  // namespace berth::rpc::provisioner
