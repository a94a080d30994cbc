#include "cli/system_stats.h"

#include <fstream>

#include <gtest/gtest.h>

#include "base/uuid.h"

namespace berth::cli {
namespace {

/// A /proc and a /sys/fs/cgroup of a test's own.
class SystemStats : public testing::Test {
protected:
    SystemStats() : root_(std::filesystem::temp_directory_path() / ("berth-" + Uuid::random().to_string())) {
        folders_.proc = root_ / "proc";
        folders_.cgroup = root_ / "cgroup";
    }
    ~SystemStats() override { std::filesystem::remove_all(root_); }
    void write(const std::string& name, const std::string& text) {
        std::filesystem::create_directories((root_ / name).parent_path());
        std::ofstream(root_ / name) << text;
    }

    std::filesystem::path root_;
    StatFolders folders_;
};

TEST_F(SystemStats, NothingToReadIsNoUsage) {
    EXPECT_FALSE(host_cpu_times(folders_));
    EXPECT_FALSE(container_cpu_times(folders_));
    EXPECT_FALSE(host_memory(folders_));
    EXPECT_FALSE(container_memory(folders_));
    EXPECT_FALSE(disk_usage(root_ / "nowhere"));
}

TEST_F(SystemStats, MemoryOfTheMachine) {
    write("proc/meminfo", "MemTotal:       1000 kB\nMemFree:  1 kB\nMemAvailable:    250 kB\n");
    auto usage = host_memory(folders_);
    ASSERT_TRUE(usage);
    EXPECT_EQ(usage->used, 750 * 1024);
    EXPECT_EQ(usage->total, 1000 * 1024);
}

TEST_F(SystemStats, MemoryOfAContainer) {
    write("cgroup/memory/memory.usage_in_bytes", "300\n");
    write("cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
    EXPECT_FALSE(container_memory(folders_)) << "version 1 without a limit";
    write("cgroup/memory/memory.limit_in_bytes", "1000\n");
    write("cgroup/memory/memory.stat", "inactive_file 1\ntotal_inactive_file 100\n");
    auto old = container_memory(folders_);
    ASSERT_TRUE(old);
    EXPECT_EQ(old->used, 200);
    EXPECT_EQ(old->total, 1000);

    write("cgroup/memory.current", "500\n");
    write("cgroup/memory.max", "2000\n");
    write("cgroup/memory.stat", "anon 7\ninactive_file 50\n");
    auto unified = container_memory(folders_);
    ASSERT_TRUE(unified);
    EXPECT_EQ(unified->used, 450);
    EXPECT_EQ(unified->total, 2000);
}

TEST_F(SystemStats, UnifiedMemoryWithoutALimitIsTheMachines) {
    write("cgroup/memory.current", "500\n");
    write("cgroup/memory.max", "max\n");
    EXPECT_FALSE(container_memory(folders_));
}

TEST_F(SystemStats, ProcessorsOfAContainer) {
    write("cgroup/cpu/cpu.cfs_quota_us", "-1\n");
    write("cgroup/cpu/cpu.cfs_period_us", "100000\n");
    write("cgroup/cpuacct/cpuacct.usage", "3000000000\n");
    EXPECT_FALSE(container_cpu_times(folders_)) << "version 1 without a quota";
    write("cgroup/cpu/cpu.cfs_quota_us", "150000\n");
    auto old = container_cpu_times(folders_);
    ASSERT_TRUE(old);
    EXPECT_EQ(old->cores, 1.5);
    EXPECT_EQ(old->busy, 3);

    write("cgroup/cpu.stat", "usage_usec 5000000\nuser_usec 1\n");
    write("cgroup/cpu.max", "200000 100000\n");
    auto unified = container_cpu_times(folders_);
    ASSERT_TRUE(unified);
    EXPECT_EQ(unified->cores, 2);
    EXPECT_EQ(unified->busy, 5);
}

TEST_F(SystemStats, ProcessorsOfTheMachine) {
    write("proc/stat", "cpu  10 0 10 70 10 0 0 0 0 0\ncpu0 1 1 1 1\n");
    auto before = host_cpu_times(folders_);
    write("proc/stat", "cpu  20 0 20 140 20 0 0 0 0 0\n");
    auto after = host_cpu_times(folders_);
    ASSERT_TRUE(before && after);
    auto usage = cpu_usage(*before, *after);
    ASSERT_TRUE(usage);
    EXPECT_DOUBLE_EQ(usage->used, usage->total * 0.2);
    EXPECT_FALSE(cpu_usage(*after, *after)) << "no time has passed";
}

TEST_F(SystemStats, Texts) {
    constexpr double gib = 1u << 30;
    EXPECT_EQ(usage_text({gib * 1.5, gib * 3, "B"}, "Gi"), "1.5/3.0 GiB (50%)");
    EXPECT_EQ(usage_text({gib * 1.5, gib * 3, "B"}, "Mi"), "1536.0/3072.0 MiB (50%)");
    EXPECT_EQ(usage_text({2048, 4096, "B"}, "Ki"), "2.0/4.0 KiB (50%)");
    EXPECT_EQ(usage_text({gib * 1024, gib * 2048, "B"}, "Ti"), "1.0/2.0 TiB (50%)");
    EXPECT_EQ(usage_text({0.25, 1.5, "cores"}, "Gi"), "0.25/1.5 cores (16%)");
}

}  // namespace
}  // namespace berth::cli
