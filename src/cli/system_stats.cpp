#include "cli/system_stats.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <thread>

#include <sys/statvfs.h>

#include "base/clock.h"

namespace berth::cli {
namespace {

/// Above this a limit of cgroups version 1 is none: it is then the largest number of pages.
constexpr double no_limit = 1e18;

std::optional<double> number_in(const std::filesystem::path& path) {
    std::ifstream file(path);
    double value = 0;
    if (file >> value) return value;
    return std::nullopt;
}

/// The number behind a name, in a file of such lines.
std::optional<double> entry_in(const std::filesystem::path& path, std::string_view name) {
    std::ifstream file(path);
    std::string key;
    double value = 0;
    std::string rest;
    while (file >> key >> value) {
        std::getline(file, rest);
        if (key == name) return value;
    }
    return std::nullopt;
}

double machine_cores() { return std::max(1u, std::thread::hardware_concurrency()); }

double seconds_now() {
    return std::chrono::duration<double>(base::system_clock().steady_now().time_since_epoch()).count();
}

std::optional<CpuTimes> cpu_version_2(const std::filesystem::path& folder) {
    auto used = entry_in(folder / "cpu.stat", "usage_usec");
    std::ifstream limit(folder / "cpu.max");
    std::string quota;
    double period = 0;
    // The root of all cgroups, which is no container, has no limits.
    if (!used || !(limit >> quota >> period) || period <= 0) return std::nullopt;
    double cores = quota == "max" ? machine_cores() : std::strtod(quota.c_str(), nullptr) / period;
    return CpuTimes{*used / 1e6, seconds_now(), cores};
}

std::optional<CpuTimes> cpu_version_1(const std::filesystem::path& folder) {
    std::optional<double> used;
    for (const char* name : {"cpuacct", "cpu,cpuacct"})
        if (!used) used = number_in(folder / name / "cpuacct.usage");
    std::optional<double> quota;
    std::optional<double> period;
    for (const char* name : {"cpu", "cpu,cpuacct"}) {
        if (!quota) quota = number_in(folder / name / "cpu.cfs_quota_us");
        if (!period) period = number_in(folder / name / "cpu.cfs_period_us");
    }
    // Without a quota it cannot be told from the machine itself.
    if (!used || !quota || !period || *quota <= 0 || *period <= 0) return std::nullopt;
    return CpuTimes{*used / 1e9, seconds_now(), *quota / *period};
}

Usage limited_memory(double used, double cache, double limit) {
    // Pages of files that nobody used lately are given back before anything is refused.
    return Usage{std::max(0.0, used - cache), limit, "B"};
}

}  // namespace

std::optional<CpuTimes> host_cpu_times(const StatFolders& folders) {
    std::ifstream file(folders.proc / "stat");
    std::string cpu;
    file >> cpu;
    CpuTimes times;
    double all = 0;
    double value = 0;
    for (int column = 0; column < 8 && file >> value; ++column) {
        all += value;
        // Columns 3 and 4 are idle and waiting for disks.
        if (column != 3 && column != 4) times.busy += value;
    }
    if (all <= 0) return std::nullopt;
    times.cores = machine_cores();
    times.wall = all / times.cores;
    return times;
}

std::optional<CpuTimes> container_cpu_times(const StatFolders& folders) {
    auto times = cpu_version_2(folders.cgroup);
    return times ? times : cpu_version_1(folders.cgroup);
}

Result<Usage> cpu_usage(const CpuTimes& before, const CpuTimes& after) {
    double wall = after.wall - before.wall;
    if (wall <= 0) return unavailable("the processor times did not move");
    return Usage{(after.busy - before.busy) / wall, after.cores, "cores"};
}

Result<Usage> host_memory(const StatFolders& folders) {
    auto total = entry_in(folders.proc / "meminfo", "MemTotal:");
    auto available = entry_in(folders.proc / "meminfo", "MemAvailable:");
    if (!total || !available) return unavailable("/proc/meminfo cannot be read");
    return Usage{(*total - *available) * 1024, *total * 1024, "B"};
}

std::optional<Usage> container_memory(const StatFolders& folders) {
    const auto& folder = folders.cgroup;
    auto used = number_in(folder / "memory.current");
    auto limit = number_in(folder / "memory.max");
    if (used && limit)
        return limited_memory(*used, entry_in(folder / "memory.stat", "inactive_file").value_or(0), *limit);
    auto old = folder / "memory";
    used = number_in(old / "memory.usage_in_bytes");
    limit = number_in(old / "memory.limit_in_bytes");
    if (!used || !limit || *limit >= no_limit) return std::nullopt;
    return limited_memory(*used, entry_in(old / "memory.stat", "total_inactive_file").value_or(0), *limit);
}

Result<Usage> disk_usage(const std::string& path) {
    struct statvfs status {};
    if (::statvfs(path.c_str(), &status) != 0)
        return invalid_argument("cannot look at " + path, std::strerror(errno));
    double block = static_cast<double>(status.f_frsize);
    double total = static_cast<double>(status.f_blocks) * block;
    return Usage{total - static_cast<double>(status.f_bavail) * block, total, "B"};
}

std::string usage_text(const Usage& usage, std::string_view prefix) {
    constexpr std::string_view prefixes[] = {"Ki", "Mi", "Gi", "Ti"};
    double unit = 1024;
    for (auto known : prefixes) {
        if (known == prefix) break;
        unit *= 1024;
    }
    std::array<char, 96> text{};
    int percent = usage.total > 0 ? static_cast<int>(usage.used * 100 / usage.total) : 0;
    if (usage.unit == "B") {
        std::snprintf(text.data(), text.size(), "%.1f/%.1f %.*sB (%d%%)", usage.used / unit,
                      usage.total / unit, static_cast<int>(prefix.size()), prefix.data(), percent);
    } else {
        std::snprintf(text.data(), text.size(), "%.2f/%g cores (%d%%)", usage.used, usage.total, percent);
    }
    return text.data();
}

}  // namespace berth::cli
