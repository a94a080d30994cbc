#include <cstdlib>

#include <boost/json.hpp>

#include "base/clock.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/system_stats.h"
#include "cli/table.h"

namespace berth::cli {
namespace {

constexpr auto sample_time = std::chrono::milliseconds(200);

struct StatOptions {
    OutputFormat output;
    std::string path = "/";
    std::string prefix = "Gi";
    bool host = false;
};

boost::json::object to_json(const Usage& usage) {
    boost::json::object object{{"used", usage.used}, {"unit", usage.unit}};
    object["total"] = usage.total > 0 ? boost::json::value(usage.total) : boost::json::value(nullptr);
    return object;
}

/// Both at once; the container's is absent outside of one.
struct CpuUsages {
    Result<Usage> host = unavailable("/proc/stat cannot be read");
    std::optional<Usage> container;
};

asio::awaitable<CpuUsages> measure_cpu() {
    auto host_before = host_cpu_times();
    auto container_before = container_cpu_times();
    co_await base::system_clock().sleep(sample_time);
    auto host_after = host_cpu_times();
    auto container_after = container_cpu_times();
    CpuUsages usages;
    if (host_before && host_after) usages.host = cpu_usage(*host_before, *host_after);
    if (container_before && container_after) {
        auto usage = cpu_usage(*container_before, *container_after);
        if (usage) usages.container = *usage;
    }
    co_return usages;
}

asio::awaitable<Result<Usage>> measure(std::shared_ptr<StatOptions> options, std::string what) {
    if (what == "disk") co_return disk_usage(options->path);
    if (what == "mem") {
        auto container = container_memory();
        if (container && !options->host) co_return *container;
        co_return host_memory();
    }
    auto usages = co_await measure_cpu();
    if (usages.container && !options->host) co_return *usages.container;
    co_return usages.host;
}

asio::awaitable<Result<void>> show_one(Session& session, std::shared_ptr<StatOptions> options,
                                       std::string what) {
    auto usage = co_await measure(options, what);
    if (!usage) co_return usage.error();
    session.print(options->output.json() ? pretty_json(boost::json::serialize(to_json(*usage))) + "\n"
                                         : usage_text(*usage, options->prefix) + "\n");
    co_return Result<void>();
}

asio::awaitable<Result<void>> show_all(Session& session, std::shared_ptr<StatOptions> options) {
    auto cpu = co_await measure_cpu();
    if (!cpu.host) co_return cpu.host.error();
    auto memory = host_memory();
    if (!memory) co_return memory.error();
    const char* home = std::getenv("HOME");
    auto disk = disk_usage(home != nullptr ? home : "/");
    if (!disk) co_return disk.error();
    std::vector<std::pair<std::string, Usage>> usages{
        {"host_cpu", *cpu.host}, {"host_memory", *memory}, {"home_disk", *disk}};
    if (cpu.container) usages.emplace_back("container_cpu", *cpu.container);
    if (auto limited = container_memory()) usages.emplace_back("container_memory", *limited);

    boost::json::object object;
    std::vector<std::string> headings;
    std::vector<std::string> cells;
    for (const auto& [name, usage] : usages) {
        object[name] = to_json(usage);
        auto& heading = headings.emplace_back(name);
        for (char& c : heading)
            c = c == '_' ? ' ' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
        cells.push_back(usage_text(usage, options->prefix));
    }
    if (options->output.json()) {
        boost::json::array list;
        list.push_back(std::move(object));
        session.print(pretty_json(boost::json::serialize(list)) + "\n");
        co_return Result<void>();
    }
    Table table(std::move(headings));
    table.add(std::move(cells));
    co_return options->output.print(session, table);
}

void add_one(Commands& commands, CLI::App& parent, const std::string& name, const std::string& description) {
    auto options = std::make_shared<StatOptions>();
    auto* command = commands.add(parent, name, description);
    options->output.add_to(command);
    if (name == "disk") {
        command->add_option("--path", options->path, "Somewhere on the disk");
    } else {
        command->add_flag("--host", options->host, "Of the machine, also inside of a container");
    }
    if (name != "cpu")
        command->add_option("--prefix", options->prefix, "Unit: Ki, Mi, Gi or Ti")
            ->check(CLI::IsMember({"Ki", "Mi", "Gi", "Ti"}));
    commands.on_run(command, [options, name](Session& session) { return show_one(session, options, name); });
}

}  // namespace

void add_stat(Commands& commands) {
    auto* stat = commands.add(commands.root(), "stat", "Show how busy this machine or container is");
    stat->require_subcommand(0, 1);
    auto options = std::make_shared<StatOptions>();
    options->output.add_to_list(stat);
    commands.on_run(stat, [options](Session& session) { return show_all(session, options); });
    add_one(commands, *stat, "cpu", "Processors");
    add_one(commands, *stat, "mem", "Memory");
    add_one(commands, *stat, "disk", "Disk");
}

}  // namespace berth::cli
