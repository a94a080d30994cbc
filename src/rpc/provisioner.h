#pragma once

#include "net/drpc/method.h"
#include "provisioner.pb.h"

/// What the provisioner daemon calls on the program that runs Terraform.
namespace berth::rpc::provisioner {

namespace pb = ::provisioner;

/// One stream is one job.
inline constexpr drpc::BidiStream<pb::Request, pb::Response> session{"/provisioner.Provisioner/Session"};

/// Files above one message travel in chunks of this many bytes.
inline constexpr std::size_t file_chunk = 2 << 20;

}  // namespace berth::rpc::provisioner
