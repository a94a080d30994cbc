#pragma once

#include "agent.pb.h"
#include "coderd/api/request.h"
#include "coderd/context.h"

namespace berth::coderd {

/// All an agent needs to know of itself: environment, directory, scripts, apps, metadata, dev containers.
asio::awaitable<Result<::coder::agent::v2::Manifest>> build_manifest(Context& context, AgentIdentity agent);

}  // namespace berth::coderd
