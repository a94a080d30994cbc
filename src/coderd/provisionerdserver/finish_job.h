#pragma once

#include "coderd/context.h"
#include "coderd/provisionerdserver/held_job.h"
#include "provisionerd.pb.h"

namespace berth::coderd {

/// FailJob: ends a job with its error (or as canceled, when that was asked for). A build keeps the state the
/// daemon sends, else that of the build before.
asio::awaitable<Result<void>> fail_job(Context& context, const Daemon& daemon,
                                       provisionerd::FailedJob message);

/// CompleteJob: stores everything a job made, in one transaction. What cannot be stored because the template
/// is wrong (two agents of one name…) fails the job with that reason, keeps the state, and answers the reason
/// too.
asio::awaitable<Result<void>> complete_job(Context& context, const Daemon& daemon,
                                           provisionerd::CompletedJob message);

// What complete_job() does inside its transaction, by type.
asio::awaitable<Result<void>> complete_build_in(db::Transaction& tx,
                                                const provisionerd::CompletedJob_WorkspaceBuild& message,
                                                const db::WorkspaceBuild& build, base::Time now);
asio::awaitable<Result<void>> complete_import_in(db::Transaction& tx,
                                                 const provisionerd::CompletedJob_TemplateImport& message,
                                                 const db::ProvisionerJobTable& job, const Daemon& daemon,
                                                 base::Time now);

asio::awaitable<Result<void>> insert_timings(
    db::Transaction& tx, Uuid job_id, const google::protobuf::RepeatedPtrField<provisioner::Timing>& timings);

/// Parameters as the JSON list the database takes; invalid_argument for two of one name.
Result<std::string> parameters_json(
    const google::protobuf::RepeatedPtrField<provisioner::RichParameter>& parameters);

}  // namespace berth::coderd
