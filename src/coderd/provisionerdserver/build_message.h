#pragma once

#include "coderd/context.h"
#include "coderd/jobs/jobs.h"
#include "provisionerd.pb.h"

namespace berth::coderd {

/// Fills `message` for a workspace build: the template's files, parameters, variables, state, and who builds
/// what for whom. A start gets a new session token of the owner; a stop or delete ends the old one.
asio::awaitable<Result<void>> fill_workspace_build(Context& context, const db::ProvisionerJobTable& job,
                                                   const JobInput& input, provisionerd::AcquiredJob& message);

using VariableMessages = google::protobuf::RepeatedPtrField<provisioner::VariableValue>;
using ParameterMessages = google::protobuf::RepeatedPtrField<provisioner::RichParameterValue>;

/// From the lists that the queries of job_messages.sql return.
Result<void> fill_variables(const std::string& json, VariableMessages& into);
Result<void> fill_parameters(const std::string& json, ParameterMessages& into);
/// The values of a version's Terraform variables, as stored by its import.
asio::awaitable<Result<void>> fill_variables(Context& context, const Uuid& template_version_id,
                                             VariableMessages& into);

}  // namespace berth::coderd
