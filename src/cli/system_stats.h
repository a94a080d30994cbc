#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/result.h"

namespace berth::cli {

struct Usage {
    double used = 0;
    /// 0 when there is no limit.
    double total = 0;
    /// "B" or "cores".
    std::string unit;
};

/// Where the kernel tells; other places are for tests.
struct StatFolders {
    std::filesystem::path proc = "/proc";
    std::filesystem::path cgroup = "/sys/fs/cgroup";
};

/// Sums since some start, in one unit; two of them make a usage.
struct CpuTimes {
    double busy = 0;
    /// What `busy` would be with one core always busy.
    double wall = 0;
    /// How many cores may be used.
    double cores = 0;
};

std::optional<CpuTimes> host_cpu_times(const StatFolders& folders = {});
/// Of this process's container; nothing outside of one. Both versions of cgroups.
std::optional<CpuTimes> container_cpu_times(const StatFolders& folders = {});
Result<Usage> cpu_usage(const CpuTimes& before, const CpuTimes& after);

Result<Usage> host_memory(const StatFolders& folders = {});
/// Nothing outside of a container, or when it has no limit.
std::optional<Usage> container_memory(const StatFolders& folders = {});
Result<Usage> disk_usage(const std::string& path);

/// "1.5/7.7 GiB (19%)", "0.25/4 cores (6%)". `prefix` of bytes: Ki, Mi, Gi or Ti.
std::string usage_text(const Usage& usage, std::string_view prefix);

}  // namespace berth::cli
