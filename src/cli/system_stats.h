#pragma once

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

/// Sums of /proc/stat, in ticks.
struct CpuTimes {
    double busy = 0;
    double all = 0;
};

CpuTimes read_cpu_times();
Result<Usage> cpu_usage(const CpuTimes& before, const CpuTimes& after);
/// Of the container (cgroup) when it has a limit, else of the machine.
Result<Usage> memory_usage();
Result<Usage> disk_usage(const std::string& path);

}  // namespace berth::cli
