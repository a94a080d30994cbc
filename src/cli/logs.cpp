#include "cli/command.h"
#include "cli/commands.h"
#include "cli/table.h"
#include "cli/workspace.h"
#include "cli/workspace_name.h"

namespace berth::cli {
namespace {

struct LogOptions {
    std::string workspace;
    bool follow = false;
    std::int64_t build = 0;
};

void print_line(Session& session, base::Time time, std::string_view source, std::string_view text) {
    session.print(base::format_rfc3339(std::chrono::floor<std::chrono::milliseconds>(time)) + " [" +
                  printable(source) + "] " + printable(text) + "\n");
}

/// Page after page until one is empty. `read(after)` gets the lines after an id.
template <class Read, class Print>
asio::awaitable<Result<void>> print_stored(Read read, Print print) {
    for (std::int64_t after = 0;;) {
        auto logs = co_await read(after);
        if (!logs) co_return logs.error();
        if (logs->empty()) co_return Result<void>();
        for (const auto& log : *logs)
            print(log);
        after = logs->back().id;
    }
}

/// Until the reader ends.
template <class Reader, class Print>
asio::awaitable<Result<void>> print_coming(Reader reader, Print print) {
    while (true) {
        auto log = co_await reader.next();
        if (!log) co_return log.error();
        if (!*log) co_return Result<void>();
        print(**log);
    }
}

asio::awaitable<Result<void>> print_build_log(Session& session, sdk::Client& client, Uuid build,
                                              bool follow) {
    auto print = [&session](const sdk::ProvisionerJobLog& log) {
        print_line(session, log.created_at, log.stage, log.output);
    };
    auto read = [&client, build](std::int64_t after) { return client.build_logs(build, after); };
    Result<void> printed;
    if (follow) {
        printed = co_await print_coming(client.follow_build_logs(build), print);
    } else {
        printed = co_await print_stored(read, print);
    }
    co_return printed;
}

asio::awaitable<Result<void>> print_agent_log(Session& session, sdk::Client& client,
                                              sdk::WorkspaceAgent agent, bool follow) {
    std::map<Uuid, std::string> sources;
    for (const auto& source : agent.log_sources)
        sources[source.id] = source.display_name;
    auto print = [&session, &agent, &sources](const sdk::WorkspaceAgentLog& log) {
        print_line(session, log.created_at, agent.name + ": " + sources[log.source_id], log.output);
    };
    auto read = [&client, &agent](std::int64_t after) { return client.agent_logs(agent.id, after); };
    Result<void> printed;
    if (follow) {
        printed = co_await print_coming(client.follow_agent_logs(agent.id), print);
    } else {
        printed = co_await print_stored(read, print);
    }
    co_return printed;
}

asio::awaitable<Result<void>> logs(Session& session, std::shared_ptr<LogOptions> options) {
    auto client = session.client();
    if (!client) co_return client.error();
    auto name = WorkspaceName::parse(options->workspace);
    if (!name) co_return name.error();
    auto workspace = co_await find_workspace(**client, options->workspace);
    if (!workspace) co_return workspace.error();
    sdk::WorkspaceBuild build = workspace->latest_build;
    if (options->build != 0) {
        auto other =
            co_await (*client)->build_by_number(workspace->owner_name, workspace->name, options->build);
        if (!other) co_return other.error();
        build = std::move(*other);
    }
    auto printed = co_await print_build_log(session, **client, build.id, options->follow);
    if (!printed) co_return printed.error();
    // A followed build may have made its agents just now.
    auto done = co_await (*client)->build(build.id);
    if (!done) co_return done.error();
    for (const auto& resource : done->resources) {
        for (const auto& agent : resource.agents) {
            if (!name->agent.empty() && agent.name != name->agent) continue;
            auto shown = co_await print_agent_log(session, **client, agent, options->follow);
            if (!shown) co_return shown.error();
        }
    }
    co_return Result<void>();
}

}  // namespace

void add_logs(Commands& commands) {
    auto options = std::make_shared<LogOptions>();
    auto* command = commands.add(commands.root(), "logs", "Show the logs of a workspace's build and agents");
    command->add_option("workspace", options->workspace, "Workspace, or workspace.agent")->required();
    command->add_flag("-f,--follow", options->follow, "Go on as new lines come");
    command->add_option("-n,--build-number,--build", options->build,
                        "Number of the build; the latest when not given");
    commands.on_run(command, [options](Session& session) { return logs(session, options); });
}

}  // namespace berth::cli
