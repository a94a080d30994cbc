#pragma once

#include "coderd/context.h"
#include "coderd/jobs/jobs.h"
#include "provisionerd.pb.h"

namespace berth::coderd {

/// Fills `message` for a workspace build: parameters, variables, state, and who builds what for whom. A start
/// gets a new session token of the owner; a stop or delete ends the old one.
asio::awaitable<Result<void>> fill_workspace_build(Context& context, const db::ProvisionerJobTable& job,
                                                   const JobInput& input,
                                                   provisionerd::AcquiredJob_WorkspaceBuild& message);

/// The values of a version's Terraform variables, as stored by its import.
asio::awaitable<Result<void>> fill_variables(
    Context& context, const Uuid& template_version_id,
    google::protobuf::RepeatedPtrField<provisioner::VariableValue>& into);

}  // namespace berth::coderd
