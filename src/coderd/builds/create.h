#pragma once

#include <optional>
#include <string>
#include <vector>

#include "coderd/builds/parameters.h"
#include "coderd/context.h"
#include "coderd/jobs/jobs.h"
#include "coderd/jobs/tags.h"
#include "rbac/actor.h"

namespace berth::coderd {

/// One build to queue.
struct NewBuild {
    Uuid workspace_id;
    db::WorkspaceTransition transition = db::WorkspaceTransition::start;
    /// The version of the last build when not given; of a first build, the template's active one.
    std::optional<Uuid> template_version_id;
    std::optional<Uuid> preset_id;
    ParameterValues parameters;
    db::BuildReason reason = db::BuildReason::initiator;
    /// Replaces the state of the last build; only for people who may change the template.
    std::optional<std::string> state;
    /// Deletes the workspace without destroying what terraform knows of.
    bool orphan = false;
    /// "debug" or empty.
    std::string log_level;
    Uuid initiator_id;
    /// What the template's own language says with the values this build would get; see consult.h. When not
    /// set, the parameters are those that the import found, and the job has the import's tags.
    std::optional<std::vector<db::TemplateVersionParameter>> definitions;
    std::optional<Tags> tags;
};

/// The build, its job, its parameters, and the state carried over from the last build, in one transaction, so
/// that two requests at once make one build: the other gets `conflict`. Daemons and watchers are told when it
/// commits. Call inside `store.transaction`.
///
/// A stop or delete never depends on the template's present parameters: it repeats the last values.
asio::awaitable<Result<db::WorkspaceBuild>> create_build(db::Transaction& tx, const rbac::Actor& actor,
                                                         const NewBuild& build, base::Time now);

}  // namespace berth::coderd
