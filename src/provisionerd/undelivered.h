#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "provisionerd.pb.h"

namespace berth::provisionerd {

/// Failed jobs that the server has not taken yet, one file each (0600, they hold terraform's state). They
/// outlive the daemon.
class Undelivered {
public:
    /// Without a folder nothing is kept.
    Undelivered(std::filesystem::path folder, base::Logger log);

    /// Of a job that is there already, the new one replaces the old.
    Result<void> keep(const ::provisionerd::FailedJob& job);
    [[nodiscard]] std::vector<::provisionerd::FailedJob> list() const;
    void drop(const std::string& job_id);
    /// The server will never take it: the file stays under another name, for whoever wants the state in it.
    void give_up(const ::provisionerd::FailedJob& job, const Error& why);

private:
    [[nodiscard]] std::filesystem::path file_of(const std::string& job_id) const;

    std::filesystem::path folder_;
    base::Logger log_;
};

}  // namespace berth::provisionerd
