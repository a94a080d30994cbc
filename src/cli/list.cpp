#include "cli/command.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/table.h"
#include "sdk/client.h"

namespace berth::cli {
namespace {

struct ListOptions {
    OutputFormat output;
    bool all = false;
    std::string search = "owner:me";
};

asio::awaitable<Result<void>> list(Session& session, std::shared_ptr<ListOptions> options) {
    auto client = session.client();
    if (!client) co_return client.error();
    std::string search = options->all ? "" : options->search;
    auto answer = co_await (*client)->workspaces(search);
    if (!answer) co_return answer.error();
    if (options->output.json()) {
        session.print(json_text(answer->workspaces));
        co_return Result<void>();
    }
    if (answer->workspaces.empty()) {
        session.note("No workspaces found. Create one: berth create <name> --template <template>\n");
        co_return Result<void>();
    }
    Table table({"WORKSPACE", "TEMPLATE", "STATUS", "HEALTHY", "LAST BUILT", "OUTDATED"});
    for (const auto& workspace : answer->workspaces) {
        table.add({workspace.owner_name + "/" + workspace.name, workspace.template_name,
                   std::string(sdk::to_string(workspace.latest_build.status)),
                   workspace.health.healthy ? "yes" : "no", time_ago(workspace.latest_build.created_at),
                   workspace.outdated ? "yes" : "no"});
    }
    co_return options->output.print(session, table);
}

}  // namespace

void add_list(Commands& commands) {
    auto options = std::make_shared<ListOptions>();
    auto* command = commands.add(commands.root(), "list", "List workspaces");
    command->alias("ls");
    options->output.add_to_list(command);
    command->add_flag("-a,--all", options->all, "Of all people");
    command->add_option("--search", options->search, "Search query");
    commands.on_run(command, [options](Session& session) { return list(session, options); });
}

}  // namespace berth::cli
