#pragma once

#include <string>
#include <string_view>

#include "base/uuid.h"

namespace berth::coderd {

// The pubsub channels around builds. Messages are hints: whoever receives one reads the database again.

/// A job was put in the queue; the payload is JobPosted's JSON.
inline constexpr std::string_view job_posted_channel = "provisioner_job_posted";

/// The job has new log lines, or ended. No payload.
inline constexpr std::string_view job_channel_prefix = "provisioner_job:";
inline std::string job_channel(const Uuid& job) { return std::string(job_channel_prefix) + job.to_string(); }

/// Something of the workspace changed: itself, its latest build's job, its agents. No payload.
inline constexpr std::string_view workspace_channel_prefix = "workspace:";
inline std::string workspace_channel(const Uuid& workspace) {
    return std::string(workspace_channel_prefix) + workspace.to_string();
}

/// One message for every build that changed its status, on the whole deployment; the payload is
/// {"workspace_id", "build_id"}.
inline constexpr std::string_view workspace_builds_channel = "workspace_builds";

}  // namespace berth::coderd
