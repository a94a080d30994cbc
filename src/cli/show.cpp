#include "cli/command.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/table.h"
#include "cli/workspace.h"

namespace berth::cli {
namespace {

struct ShowOptions {
    OutputFormat output;
    std::string workspace;
};

asio::awaitable<Result<void>> show(Session& session, std::shared_ptr<ShowOptions> options) {
    auto client = session.client();
    if (!client) co_return client.error();
    auto workspace = co_await find_workspace(**client, options->workspace);
    if (!workspace) co_return workspace.error();
    if (options->output.json()) {
        session.print(json_text(*workspace));
        co_return Result<void>();
    }
    const auto& build = workspace->latest_build;
    session.print("Workspace: " + printable(workspace->owner_name + "/" + workspace->name) + "\n");
    session.print("Template:  " + printable(workspace->template_name) + " (" +
                  printable(build.template_version_name) + (workspace->outdated ? ", outdated" : "") + ")\n");
    session.print("Status:    " + std::string(sdk::to_string(build.status)) + " (build " +
                  std::to_string(build.build_number) + ")\n\n");
    Table table({"RESOURCE", "AGENT", "STATUS", "LIFECYCLE", "VERSION"});
    for (const auto& resource : build.resources) {
        if (resource.hide) continue;
        std::string name = resource.type + "." + resource.name;
        if (resource.agents.empty()) table.add({name, "", "", "", ""});
        for (const auto& agent : resource.agents)
            table.add({name, agent.name, std::string(sdk::to_string(agent.status)),
                       std::string(sdk::to_string(agent.lifecycle_state)), agent.version});
    }
    session.print(table.to_string());
    co_return Result<void>();
}

}  // namespace

void add_show(Commands& commands) {
    auto options = std::make_shared<ShowOptions>();
    auto* command = commands.add(commands.root(), "show", "Show a workspace's resources and agents");
    options->output.add_to(command);
    command->add_option("workspace", options->workspace, "Workspace")->required();
    commands.on_run(command, [options](Session& session) { return show(session, options); });
}

}  // namespace berth::cli
