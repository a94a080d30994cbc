#include "cli/command.h"
#include "cli/commands.h"
#include "cli/table.h"
#include "cli/workspace.h"
#include "sdk/client_call.h"

namespace berth::cli {
namespace {

struct RenameOptions {
    std::string workspace;
    std::string name;
    bool yes = false;
};

asio::awaitable<Result<void>> rename(Session& session, std::shared_ptr<RenameOptions> options) {
    auto client = session.client();
    if (!client) co_return client.error();
    auto workspace = co_await find_workspace(**client, options->workspace);
    if (!workspace) co_return workspace.error();
    session.note(
        "What the template names after its workspace (disks, hosts) may be lost with the old name.\n");
    auto sure =
        confirm(session, "Rename \"" + workspace->name + "\" to \"" + options->name + "\"?", options->yes);
    if (!sure) co_return sure.error();
    sdk::UpdateWorkspaceRequest request;
    request.name = options->name;
    auto done = co_await (*client)->update_workspace(workspace->id, std::move(request));
    if (!done) co_return done.error();
    session.note("The workspace is called " + printable(options->name) + " now.\n");
    co_return Result<void>();
}

asio::awaitable<Result<void>> set_favorite(Session& session, std::shared_ptr<std::string> name,
                                           bool favorite) {
    auto client = session.client();
    if (!client) co_return client.error();
    auto workspace = co_await find_workspace(**client, *name);
    if (!workspace) co_return workspace.error();
    auto target = sdk::Target("/api/v2/workspaces/").value(workspace->id).path("/favorite");
    auto method = favorite ? http::Method::put : http::Method::del;
    auto done = co_await sdk::perform(**client, method, target);
    if (!done) co_return done.error();
    session.note("The workspace " + printable(workspace->name) +
                 (favorite ? " is a favorite.\n" : " is no favorite any more.\n"));
    co_return Result<void>();
}

}  // namespace

void add_workspace_marks(Commands& commands) {
    auto options = std::make_shared<RenameOptions>();
    auto* renaming = commands.add(commands.root(), "rename", "Rename a workspace");
    renaming->add_option("workspace", options->workspace, "Workspace")->required();
    renaming->add_option("name", options->name, "New name")->required();
    renaming->add_flag("-y,--yes", options->yes, "Do not ask");
    commands.on_run(renaming, [options](Session& session) { return rename(session, options); });

    for (bool favorite : {true, false}) {
        auto name = std::make_shared<std::string>();
        auto* command = commands.add(commands.root(), favorite ? "favorite" : "unfavorite",
                                     favorite ? "Show a workspace first in lists" : "Undo favorite");
        for (const char* alias : {"fav", "favourite"})
            command->alias(std::string(favorite ? "" : "un") + alias);
        command->add_option("workspace", *name, "Workspace")->required();
        commands.on_run(command,
                        [name, favorite](Session& session) { return set_favorite(session, name, favorite); });
    }
}

}  // namespace berth::cli
