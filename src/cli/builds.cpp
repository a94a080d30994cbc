#include "base/clock.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/parameters.h"
#include "cli/table.h"
#include "cli/workspace.h"

namespace berth::cli {
namespace {

struct BuildOptions {
    std::string workspace;
    std::vector<std::string> parameters;
    std::string reason = "cli";
    bool yes = false;
    bool no_wait = false;
    bool orphan = false;
    bool debug = false;
};

/// A request with this transition and the parameters of the command line.
Result<sdk::CreateWorkspaceBuildRequest> request_for(const BuildOptions& options,
                                                     sdk::WorkspaceTransition transition) {
    sdk::CreateWorkspaceBuildRequest request;
    request.transition = transition;
    request.orphan = options.orphan;
    if (options.debug) request.log_level = sdk::ProvisionerLogLevel::debug;
    auto reason = sdk::parse_enum<sdk::CreateWorkspaceBuildReason>(options.reason);
    if (!reason) return invalid_argument("\"" + options.reason + "\" is not a reason of a build");
    request.reason = *reason;
    auto parameters = parse_parameters(options.parameters);
    if (!parameters) return parameters.error();
    request.rich_parameter_values = std::move(*parameters);
    return request;
}

/// What a start needs and the last build did not have: new required parameters of another version.
asio::awaitable<Result<void>> ask_for_new_parameters(Session& session, sdk::Client& client,
                                                     const sdk::Workspace& workspace, bool to_active_version,
                                                     ParameterValues& values) {
    if (!session.interactive()) co_return Result<void>();
    auto settled = co_await client.build_parameters(workspace.latest_build.id);
    if (!settled) co_return settled.error();
    Uuid version =
        to_active_version ? workspace.template_active_version_id : workspace.latest_build.template_version_id;
    auto asked = co_await ask_for_parameters(session, client, version, Ask::required, *settled, values);
    co_return asked;
}

/// The active version is used when the template demands it, or the workspace asked to follow it.
bool follows_active(const sdk::Workspace& workspace) {
    return workspace.template_require_active_version ||
           workspace.automatic_updates == sdk::AutomaticUpdates::always;
}

asio::awaitable<Result<void>> run_build(Session& session, sdk::Client& client,
                                        std::shared_ptr<BuildOptions> options, sdk::Workspace workspace,
                                        sdk::WorkspaceTransition transition, bool to_active_version) {
    auto request = request_for(*options, transition);
    if (!request) co_return request.error();
    if (to_active_version) request->template_version_id = workspace.template_active_version_id;
    if (transition == sdk::WorkspaceTransition::start && !options->yes) {
        auto asked = co_await ask_for_new_parameters(session, client, workspace, to_active_version,
                                                     request->rich_parameter_values);
        if (!asked) co_return asked.error();
    }
    if (!options->no_wait) {
        auto done = co_await build_and_follow(session, client, workspace.id, std::move(*request));
        co_return done;
    }
    auto build = co_await client.create_build(workspace.id, std::move(*request));
    if (!build) co_return build.error();
    session.note("Build " + std::to_string(build->build_number) + " is queued.\n");
    co_return Result<void>();
}

/// The workspace once no build of it is under way: the server refuses a second one.
asio::awaitable<Result<sdk::Workspace>> find_idle_workspace(Session& session, sdk::Client& client,
                                                            std::string name) {
    auto workspace = co_await find_workspace(client, std::move(name));
    if (workspace && is_under_way(workspace->latest_build.job.status))
        session.note("Another build of the workspace is under way; waiting for its end.\n");
    while (workspace && is_under_way(workspace->latest_build.job.status)) {
        auto followed = co_await follow_build(session, client, workspace->latest_build.id);
        // How it ended is not what was asked for; only its log that cannot be read is a failure.
        if (!followed && followed.error().code() != ErrorCode::failed_precondition)
            co_return followed.error();
        co_await base::system_clock().sleep(std::chrono::milliseconds(100));
        workspace = co_await client.workspace(workspace->id);
    }
    co_return workspace;
}

asio::awaitable<Result<void>> start(Session& session, std::shared_ptr<BuildOptions> options) {
    auto client = session.client();
    if (!client) co_return client.error();
    auto workspace = co_await find_workspace(**client, options->workspace);
    if (!workspace) co_return workspace.error();
    const auto& latest = workspace->latest_build;
    if (latest.transition == sdk::WorkspaceTransition::start && is_under_way(latest.job.status) &&
        latest.job.status != sdk::ProvisionerJobStatus::canceling) {
        session.note("The workspace is being started already.\n");
        Result<void> done;
        if (!options->no_wait) done = co_await follow_build(session, **client, latest.id);
        co_return done;
    }
    if (is_under_way(latest.job.status))
        workspace = co_await find_idle_workspace(session, **client, options->workspace);
    if (!workspace) co_return workspace.error();
    if (workspace->latest_build.status == sdk::WorkspaceStatus::running) {
        session.note("The workspace is running already.\n");
        co_return Result<void>();
    }
    bool active = follows_active(*workspace);
    auto done =
        co_await run_build(session, **client, options, *workspace, sdk::WorkspaceTransition::start, active);
    if (!done) co_return done.error();
    session.note("The workspace " + printable(workspace->name) + " is started.\n");
    co_return Result<void>();
}

asio::awaitable<Result<void>> stop(Session& session, std::shared_ptr<BuildOptions> options) {
    auto client = session.client();
    if (!client) co_return client.error();
    auto workspace = co_await find_workspace(**client, options->workspace);
    if (!workspace) co_return workspace.error();
    auto sure = confirm(session, "Stop the workspace \"" + workspace->name + "\"?", options->yes);
    if (!sure) co_return sure.error();
    workspace = co_await find_idle_workspace(session, **client, options->workspace);
    if (!workspace) co_return workspace.error();
    auto done =
        co_await run_build(session, **client, options, *workspace, sdk::WorkspaceTransition::stop, false);
    if (!done) co_return done.error();
    session.note("The workspace " + printable(workspace->name) + " is stopped.\n");
    co_return Result<void>();
}

asio::awaitable<Result<void>> stop_then_start(Session& session, std::shared_ptr<BuildOptions> options,
                                              bool to_active_version) {
    auto client = session.client();
    if (!client) co_return client.error();
    auto workspace = co_await find_workspace(**client, options->workspace);
    if (!workspace) co_return workspace.error();
    // An update is asked for by its own name.
    auto sure = confirm(session, "Restart the workspace \"" + workspace->name + "\"?",
                        options->yes || to_active_version);
    if (!sure) co_return sure.error();
    workspace = co_await find_idle_workspace(session, **client, options->workspace);
    if (!workspace) co_return workspace.error();
    auto only_stop = std::make_shared<BuildOptions>(*options);
    only_stop->parameters.clear();
    only_stop->no_wait = false;
    if (workspace->latest_build.transition == sdk::WorkspaceTransition::start) {
        auto stopped = co_await run_build(session, **client, only_stop, *workspace,
                                          sdk::WorkspaceTransition::stop, false);
        if (!stopped) co_return stopped.error();
    }
    bool active = to_active_version || follows_active(*workspace);
    auto started =
        co_await run_build(session, **client, options, *workspace, sdk::WorkspaceTransition::start, active);
    if (!started) co_return started.error();
    session.note("The workspace " + printable(workspace->name) + " is running.\n");
    co_return Result<void>();
}

asio::awaitable<Result<void>> update(Session& session, std::shared_ptr<BuildOptions> options) {
    auto client = session.client();
    if (!client) co_return client.error();
    auto workspace = co_await find_workspace(**client, options->workspace);
    if (!workspace) co_return workspace.error();
    if (!workspace->outdated && options->parameters.empty()) {
        session.note("The workspace is up to date.\n");
        co_return Result<void>();
    }
    auto done = co_await stop_then_start(session, options, true);
    co_return done;
}

asio::awaitable<Result<void>> remove(Session& session, std::shared_ptr<BuildOptions> options) {
    auto client = session.client();
    if (!client) co_return client.error();
    auto workspace = co_await find_workspace(**client, options->workspace);
    if (!workspace) co_return workspace.error();
    auto sure = confirm(session, "Delete the workspace \"" + workspace->name + "\" and all that is in it?",
                        options->yes);
    if (!sure) co_return sure.error();
    workspace = co_await find_idle_workspace(session, **client, options->workspace);
    if (!workspace) co_return workspace.error();
    auto done =
        co_await run_build(session, **client, options, *workspace, sdk::WorkspaceTransition::delete_, false);
    if (!done) co_return done.error();
    session.note("The workspace " + printable(workspace->name) + " is deleted.\n");
    co_return Result<void>();
}

CLI::App* add_build_command(Commands& commands, const std::string& name, const std::string& description,
                            const std::shared_ptr<BuildOptions>& options) {
    auto* command = commands.add(commands.root(), name, description);
    command->add_option("workspace", options->workspace, "Workspace")->required();
    command->add_flag("-y,--yes", options->yes, "Do not ask");
    command
        ->add_flag(
            "--build-debug", options->debug,
            "Log all that Terraform does, and keep the build's files on the provisioner's machine; for "
            "administrators")
        ->envname("CODER_BUILD_DEBUG");
    command->add_option("--reason", options->reason, "What to note as the build's reason")->group("");
    return command;
}

void add_start_options(CLI::App* command, const std::shared_ptr<BuildOptions>& options) {
    command->add_option("--parameter", options->parameters, "Parameter as name=value; may be repeated")
        ->envname("CODER_RICH_PARAMETER");
    command->add_flag("--no-wait", options->no_wait, "Do not wait for the build");
}

}  // namespace

void add_builds(Commands& commands) {
    auto starting = std::make_shared<BuildOptions>();
    auto* start_command = add_build_command(commands, "start", "Start a workspace", starting);
    add_start_options(start_command, starting);
    commands.on_run(start_command, [starting](Session& session) { return start(session, starting); });

    auto stopping = std::make_shared<BuildOptions>();
    auto* stop_command = add_build_command(commands, "stop", "Stop a workspace", stopping);
    commands.on_run(stop_command, [stopping](Session& session) { return stop(session, stopping); });

    auto restarting = std::make_shared<BuildOptions>();
    auto* restart_command = add_build_command(commands, "restart", "Stop and start a workspace", restarting);
    add_start_options(restart_command, restarting);
    commands.on_run(restart_command,
                    [restarting](Session& session) { return stop_then_start(session, restarting, false); });

    auto updating = std::make_shared<BuildOptions>();
    auto* update_command =
        add_build_command(commands, "update", "Restart with the template's active version", updating);
    add_start_options(update_command, updating);
    commands.on_run(update_command, [updating](Session& session) { return update(session, updating); });

    auto deleting = std::make_shared<BuildOptions>();
    auto* delete_command = add_build_command(commands, "delete", "Delete a workspace", deleting);
    delete_command->alias("rm");
    delete_command->add_flag("--orphan", deleting->orphan, "Forget the resources instead of destroying them");
    commands.on_run(delete_command, [deleting](Session& session) { return remove(session, deleting); });
}

}  // namespace berth::cli
