#include "cli/network_info.h"

#include <boost/json.hpp>
#include <unistd.h>

#include "cli/config_dir.h"

namespace berth::cli {

NetworkInfoFile::NetworkInfoFile(const std::filesystem::path& folder)
    : path_(folder / (std::to_string(::getpid()) + ".json")) {
    std::error_code ignored;
    std::filesystem::create_directories(folder, ignored);
}

NetworkInfoFile::~NetworkInfoFile() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
}

Result<void> NetworkInfoFile::write(NetworkBytes bytes, std::chrono::seconds interval) const {
    auto per_second = [&](std::uint64_t count) {
        return count / static_cast<std::uint64_t>(interval.count());
    };
    boost::json::object info{{"p2p", false},
                             {"latency", 0},
                             {"preferred_derp", "berth"},
                             {"derp_latency", boost::json::object{}},
                             {"upload_bytes_sec", per_second(bytes.up)},
                             {"download_bytes_sec", per_second(bytes.down)},
                             {"using_coder_connect", false}};
    return write_file_atomically(path_, boost::json::serialize(info), 0644);
}

}  // namespace berth::cli
