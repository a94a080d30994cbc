#include "cli/system_stats.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>
#include <thread>

#include <sys/statvfs.h>

#include "base/text.h"

namespace berth::cli {
namespace {

std::optional<double> number_in(const std::string& path) {
    std::ifstream file(path);
    double value = 0;
    if (file >> value) return value;
    return std::nullopt;
}

/// A value of /proc/meminfo, in bytes.
double meminfo(std::string_view name) {
    std::ifstream file("/proc/meminfo");
    std::string key;
    double kibibytes = 0;
    std::string unit;
    while (file >> key >> kibibytes) {
        std::getline(file, unit);
        if (key == name) return kibibytes * 1024;
    }
    return 0;
}

}  // namespace

CpuTimes read_cpu_times() {
    std::ifstream file("/proc/stat");
    std::string cpu;
    file >> cpu;
    CpuTimes times;
    double value = 0;
    for (int column = 0; column < 8 && file >> value; ++column) {
        times.all += value;
        // Columns 3 and 4 are idle and waiting for disks.
        if (column != 3 && column != 4) times.busy += value;
    }
    return times;
}

Result<Usage> cpu_usage(const CpuTimes& before, const CpuTimes& after) {
    double cores = std::max(1u, std::thread::hardware_concurrency());
    double all = after.all - before.all;
    if (all <= 0) return unavailable("the processor times did not move");
    return Usage{(after.busy - before.busy) / all * cores, cores, "cores"};
}

Result<Usage> memory_usage() {
    auto limit = number_in("/sys/fs/cgroup/memory.max");
    auto used = number_in("/sys/fs/cgroup/memory.current");
    if (limit && used) return Usage{*used, *limit, "B"};
    double total = meminfo("MemTotal:");
    if (total <= 0) return unavailable("/proc/meminfo cannot be read");
    return Usage{total - meminfo("MemAvailable:"), total, "B"};
}

Result<Usage> disk_usage(const std::string& path) {
    struct statvfs status {};
    if (::statvfs(path.c_str(), &status) != 0)
        return invalid_argument("cannot look at " + path, std::strerror(errno));
    double block = static_cast<double>(status.f_frsize);
    double total = static_cast<double>(status.f_blocks) * block;
    return Usage{total - static_cast<double>(status.f_bavail) * block, total, "B"};
}

}  // namespace berth::cli
