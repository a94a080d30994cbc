#include <fstream>
#include <thread>

#include <boost/json.hpp>
#include <sys/statvfs.h>

#include "base/clock.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/system_stats.h"

namespace berth::cli {
namespace {

struct StatOptions {
    OutputFormat output;
    std::string path = "/";
};

std::string gibibytes(double bytes) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.1f", bytes / double(1 << 30));
    return text.data();
}

boost::json::object to_json(const Usage& usage) {
    boost::json::object object{{"used", usage.used}, {"unit", usage.unit}};
    object["total"] = usage.total > 0 ? boost::json::value(usage.total) : boost::json::value(nullptr);
    return object;
}

std::string to_text(const Usage& usage) {
    if (usage.unit == "B") {
        return gibibytes(usage.used) + "/" + gibibytes(usage.total) + " GiB (" +
               std::to_string(static_cast<int>(usage.total > 0 ? usage.used * 100 / usage.total : 0)) + "%)";
    }
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%.2f/%.0f cores", usage.used, usage.total);
    return text.data();
}

asio::awaitable<Result<void>> show(Session& session, std::shared_ptr<StatOptions> options, std::string what) {
    Result<Usage> usage = not_found("nothing to show");
    if (what == "cpu") {
        auto before = read_cpu_times();
        co_await base::system_clock().sleep(std::chrono::milliseconds(200));
        auto after = read_cpu_times();
        usage = cpu_usage(before, after);
    } else if (what == "mem") {
        usage = memory_usage();
    } else {
        usage = disk_usage(options->path);
    }
    if (!usage) co_return usage.error();
    session.print(options->output.json() ? pretty_json(boost::json::serialize(to_json(*usage))) + "\n"
                                         : to_text(*usage) + "\n");
    co_return Result<void>();
}

void add_one(Commands& commands, CLI::App& parent, const std::string& name, const std::string& description) {
    auto options = std::make_shared<StatOptions>();
    auto* command = commands.add(parent, name, description);
    options->output.add_to(command);
    if (name == "disk") command->add_option("--path", options->path, "Somewhere on the disk");
    command->add_flag_callback(
        "--host", [] {}, "Accepted for compatibility");
    commands.on_run(command, [options, name](Session& session) { return show(session, options, name); });
}

}  // namespace

void add_stat(Commands& commands) {
    auto* stat = commands.add(commands.root(), "stat", "Show how busy this machine or container is");
    stat->require_subcommand(1);
    add_one(commands, *stat, "cpu", "Processors");
    add_one(commands, *stat, "mem", "Memory");
    add_one(commands, *stat, "disk", "Disk");
}

}  // namespace berth::cli
