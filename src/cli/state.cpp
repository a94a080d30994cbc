#include "cli/command.h"
#include "cli/commands.h"
#include "cli/table.h"
#include "cli/terraform_state.h"
#include "cli/workspace.h"

namespace berth::cli {
namespace {

struct StateOptions {
    std::string workspace;
    std::string file;
    std::int64_t build = 0;
    std::vector<std::string> addresses;
    bool yes = false;
};

/// The workspace's latest build, or the one of that number.
asio::awaitable<Result<sdk::WorkspaceBuild>> find_build(sdk::Client& client,
                                                        std::shared_ptr<StateOptions> options) {
    auto workspace = co_await find_workspace(client, options->workspace);
    if (!workspace) co_return workspace.error();
    if (options->build == 0) co_return std::move(workspace->latest_build);
    auto build = co_await client.build_by_number(workspace->owner_name, workspace->name, options->build);
    co_return build;
}

asio::awaitable<Result<std::string>> read_state(Session& session, std::shared_ptr<StateOptions> options) {
    auto client = session.client();
    if (!client) co_return client.error();
    auto build = co_await find_build(**client, options);
    if (!build) co_return build.error();
    auto state = co_await (*client)->build_state(build->id);
    co_return state;
}

asio::awaitable<Result<void>> pull(Session& session, std::shared_ptr<StateOptions> options) {
    auto state = co_await read_state(session, options);
    if (!state) co_return state.error();
    if (options->file.empty() || options->file == "-") {
        session.print(*state);
        co_return Result<void>();
    }
    // State holds secrets: for its owner's eyes only.
    auto written = write_file_atomically(options->file, *state, 0600);
    co_return written;
}

asio::awaitable<Result<void>> push(Session& session, std::shared_ptr<StateOptions> options) {
    auto client = session.client();
    if (!client) co_return client.error();
    auto state = read_input(options->file);
    if (!state) co_return state.error();
    auto workspace = co_await find_workspace(**client, options->workspace);
    if (!workspace) co_return workspace.error();
    sdk::CreateWorkspaceBuildRequest request;
    request.transition = workspace->latest_build.transition;
    request.template_version_id = workspace->latest_build.template_version_id;
    request.state.data = std::move(*state);
    auto done = co_await build_and_follow(session, **client, workspace->id, std::move(request));
    co_return done;
}

asio::awaitable<Result<void>> list(Session& session, std::shared_ptr<StateOptions> options) {
    auto state = co_await read_state(session, options);
    if (!state) co_return state.error();
    if (state->empty()) co_return Result<void>();
    auto addresses = list_resources(*state);
    if (!addresses) co_return addresses.error();
    for (const auto& address : *addresses)
        session.print(printable(address) + "\n");
    co_return Result<void>();
}

asio::awaitable<Result<void>> forget(Session& session, std::shared_ptr<StateOptions> options) {
    auto client = session.client();
    if (!client) co_return client.error();
    auto build = co_await find_build(**client, options);
    if (!build) co_return build.error();
    if (is_under_way(build->job.status))
        co_return Error(ErrorCode::failed_precondition, "a build of the workspace is under way",
                        "try again when it has ended");
    auto state = co_await (*client)->build_state(build->id);
    if (!state) co_return state.error();
    auto rest = forget_resources(*state, options->addresses);
    if (!rest) co_return rest.error();
    auto sure =
        confirm(session,
                "Forget " + std::to_string(options->addresses.size()) +
                    " of the workspace's resources? They stay where they are, and nobody removes them.",
                options->yes);
    if (!sure) co_return sure.error();
    auto stored = co_await (*client)->update_build_state(build->id, std::move(*rest));
    if (!stored) co_return stored.error();
    session.note("Forgotten. The next build makes what the template still asks for.\n");
    co_return Result<void>();
}

}  // namespace

void add_state(Commands& commands) {
    auto* state = commands.add(commands.root(), "state", "Terraform state of a workspace");
    state->require_subcommand(1);

    auto pulling = std::make_shared<StateOptions>();
    auto* pull_command = commands.add(*state, "pull", "Write the state to a file or standard output");
    pull_command->add_option("workspace", pulling->workspace, "Workspace")->required();
    pull_command->add_option("file", pulling->file, "File; standard output when not given");
    pull_command->add_option("-b,--build", pulling->build, "Number of the build; the latest when not given");
    commands.on_run(pull_command, [pulling](Session& session) { return pull(session, pulling); });

    auto pushing = std::make_shared<StateOptions>();
    auto* push_command = commands.add(*state, "push", "Build again with this state");
    push_command->add_option("workspace", pushing->workspace, "Workspace")->required();
    push_command->add_option("file", pushing->file, "File; - for standard input")->required();
    push_command->add_option("-b,--build", pushing->build, "Accepted for compatibility")->group("");
    commands.on_run(push_command, [pushing](Session& session) { return push(session, pushing); });

    auto listing = std::make_shared<StateOptions>();
    auto* list_command = commands.add(*state, "list", "List the resources that Terraform knows of");
    list_command->add_option("workspace", listing->workspace, "Workspace")->required();
    list_command->add_option("-b,--build", listing->build, "Number of the build; the latest when not given");
    commands.on_run(list_command, [listing](Session& session) { return list(session, listing); });

    auto forgetting = std::make_shared<StateOptions>();
    auto* forget_command =
        commands.add(*state, "forget", "Take resources out of the state, without removing them");
    forget_command->add_option("workspace", forgetting->workspace, "Workspace")->required();
    forget_command->add_option("address", forgetting->addresses, "Addresses, as `state list` shows them")
        ->required();
    forget_command->add_flag("-y,--yes", forgetting->yes, "Do not ask");
    commands.on_run(forget_command, [forgetting](Session& session) { return forget(session, forgetting); });
}

}  // namespace berth::cli
