#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/asio.h"
#include "base/clock.h"
#include "provisioner/terraform/work_folder.h"

namespace berth::terraform {

/// What is left of a session whose process was killed.
struct Leftover {
    /// To be discarded when the state is safe elsewhere.
    std::unique_ptr<WorkFolder> folder;
    /// The last that terraform wrote; empty when there was none.
    std::string state;
};

/// Finds the sessions of `owner` below `root` that nobody works in any more. A terraform that still runs in
/// one is interrupted, so that it saves what it did, and killed after `grace`; its providers end with it.
/// What templates started (a workspace that is a process of this machine) is left alone.
asio::awaitable<std::vector<Leftover>> recover_sessions(std::filesystem::path root, std::string owner,
                                                        base::Duration grace, base::Clock& clock);

/// Ends at once what runs of terraform in `folder`: nothing that makes or removes resources.
void kill_processes(const std::filesystem::path& folder);

}  // namespace berth::terraform
