#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/network_info.h"
#include "cli/ssh_client.h"
#include "cli/workspace.h"
#include "cli/workspace_name.h"
#include "net/task_group.h"

namespace berth::cli {
namespace {

struct SshOptions {
    std::string workspace;
    std::vector<std::string> command;
    bool stdio = false;
    bool terminal = false;
    bool disable_autostart = false;
    std::string host_prefix;
    std::string host_suffix;
    std::string network_info_dir;
    std::string usage_app;
    std::string wait = "auto";
    bool forward_agent = false;
    // Accepted from editors; it changes nothing here.
    std::string log_dir;
};

WaitForScripts scripts_to_wait_for(const std::string& wait) {
    if (wait == "yes") return WaitForScripts::all;
    return wait == "no" ? WaitForScripts::none : WaitForScripts::blocking;
}

/// What a workspace is started for.
sdk::CreateWorkspaceBuildReason start_reason(const std::string& usage_app) {
    if (usage_app == "vscode") return sdk::CreateWorkspaceBuildReason::vscode_connection;
    if (usage_app == "jetbrains") return sdk::CreateWorkspaceBuildReason::jetbrains_connection;
    return sdk::CreateWorkspaceBuildReason::ssh_connection;
}

/// "coder.amy--ws" as ssh's %h gives it, without what the SSH config added.
std::string strip_host(std::string name, const SshOptions& options) {
    if (!options.host_prefix.empty() && name.starts_with(options.host_prefix))
        name.erase(0, options.host_prefix.size());
    auto suffix = "." + options.host_suffix;
    if (!options.host_suffix.empty() && name.ends_with(suffix)) name.resize(name.size() - suffix.size());
    return name;
}

asio::awaitable<Result<sdk::Workspace>> running_workspace(Session& session, sdk::Client& client,
                                                          std::shared_ptr<SshOptions> options,
                                                          std::string name) {
    auto workspace = co_await find_workspace(client, name);
    if (!workspace) co_return workspace.error();
    auto status = workspace->latest_build.status;
    bool building = status == sdk::WorkspaceStatus::pending || status == sdk::WorkspaceStatus::starting;
    if (workspace->latest_build.transition == sdk::WorkspaceTransition::start && building) {
        auto built = co_await follow_build(session, client, workspace->latest_build.id);
        if (!built) co_return built.error();
    } else if (status == sdk::WorkspaceStatus::stopped && !options->disable_autostart) {
        session.note("The workspace is stopped; starting it.\n");
        sdk::CreateWorkspaceBuildRequest request;
        request.transition = sdk::WorkspaceTransition::start;
        request.reason = start_reason(options->usage_app);
        auto built = co_await build_and_follow(session, client, workspace->id, std::move(request));
        if (!built) co_return built.error();
    } else if (status != sdk::WorkspaceStatus::running) {
        co_return Error(ErrorCode::failed_precondition,
                        "the workspace is " + std::string(sdk::to_string(status)),
                        "run: berth start " + workspace->name);
    } else {
        co_return workspace;
    }
    auto again = co_await client.workspace(workspace->id);
    co_return again;
}

/// Bytes through the tunnel so far, for the editors' network information.
struct Traffic {
    std::uint64_t up = 0;
    std::uint64_t down = 0;
};

asio::awaitable<void> pump(net::Stream& from, net::Stream& to, std::uint64_t& count) {
    std::vector<std::byte> buffer(64 << 10);
    while (true) {
        auto got = co_await from.read_some(buffer);
        if (!got || *got == 0) break;
        auto sent = co_await to.write(std::span(buffer).first(*got));
        if (!sent) break;
        count += *got;
    }
    auto shut = co_await to.shutdown_write();
    (void)shut;
}

asio::awaitable<void> report_network(std::shared_ptr<SshOptions> options, Traffic& traffic) {
    NetworkInfoFile file(options->network_info_dir);
    Traffic last;
    constexpr auto interval = std::chrono::seconds(5);
    while (true) {
        auto written = file.write({traffic.up - last.up, traffic.down - last.down}, interval);
        if (!written) co_return;
        last = traffic;
        co_await base::system_clock().sleep(interval);
    }
}

struct Ends {
    net::StreamPtr in;
    net::StreamPtr out;
    net::StreamPtr tunnel;
    Traffic traffic;
};

asio::awaitable<void> join_ends(net::TaskGroup& group, Ends& ends, std::shared_ptr<SshOptions> options) {
    if (!options->network_info_dir.empty())
        group.spawn("network info", report_network(options, ends.traffic));
    group.spawn("up", pump(*ends.in, *ends.tunnel, ends.traffic.up));
    // The remote side's last word ends it, whatever our own input still waits for.
    co_await pump(*ends.tunnel, *ends.out, ends.traffic.down);
}

asio::awaitable<Result<void>> run_stdio(std::shared_ptr<SshOptions> options, net::StreamPtr tunnel) {
    auto executor = co_await asio::this_coro::executor;
    Ends ends{net::stream_from_fd(executor, ::dup(STDIN_FILENO)),
              net::stream_from_fd(executor, ::dup(STDOUT_FILENO)),
              std::move(tunnel),
              {}};
    co_await net::TaskGroup::scope(base::Logger("ssh"), join_ends, std::ref(ends), options);
    co_return Result<void>();
}

/// What the SSH client's thread came to.
struct SshOutcome {
    int code = 255;
    std::optional<Error> failure;
};

asio::awaitable<void> join_client(net::TaskGroup& group, Ends& ends, SshSession wanted, net::Runtime& runtime,
                                  SshOutcome& outcome) {
    group.spawn("up", pump(*ends.in, *ends.tunnel, ends.traffic.up));
    group.spawn("down", pump(*ends.tunnel, *ends.in, ends.traffic.down));
    // With a name: g++ 12 destroys captures twice when a closure is a temporary of the co_await.
    auto work = [wanted] {
        SshOutcome result;
        auto code = run_ssh_session(wanted);
        if (code) result.code = *code;
        if (!code) result.failure = code.error();
        return result;
    };
    outcome = co_await net::run_on(runtime.workers(), std::move(work));
}

asio::awaitable<Result<void>> run_client(Session& session, std::shared_ptr<SshOptions> options,
                                         net::StreamPtr tunnel) {
    int pair[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        co_return internal_error("no socketpair");
    auto executor = co_await asio::this_coro::executor;
    Ends ends{net::stream_from_fd(executor, pair[0]), nullptr, std::move(tunnel), {}};
    SshSession wanted;
    wanted.fd = pair[1];
    wanted.command = base::join(options->command, " ");
    wanted.terminal = session.interactive() && (wanted.command.empty() || options->terminal);
    const char* agent_socket = std::getenv("SSH_AUTH_SOCK");
    wanted.forward_agent = options->forward_agent && agent_socket != nullptr;
    SshOutcome outcome;
    co_await net::TaskGroup::scope(base::Logger("ssh"), join_client, std::ref(ends), wanted,
                                   std::ref(session.runtime()), std::ref(outcome));
    if (outcome.failure) co_return *outcome.failure;
    session.set_exit_code(outcome.code);
    co_return Result<void>();
}

asio::awaitable<Result<void>> ssh(Session& session, std::shared_ptr<SshOptions> options) {
    auto client = session.client();
    if (!client) co_return client.error();
    auto name = WorkspaceName::parse(strip_host(options->workspace, *options));
    if (!name) co_return name.error();
    auto workspace =
        co_await running_workspace(session, **client, options, name->owner + "/" + name->workspace);
    if (!workspace) co_return workspace.error();
    auto agent = co_await wait_for_agent(session, **client, std::move(*workspace), name->agent,
                                         scripts_to_wait_for(options->wait));
    if (!agent) co_return agent.error();
    auto shell = sdk::TunnelTarget::ssh();
    auto tunnel = co_await (*client)->open_tunnel(agent->id, shell);
    if (!tunnel) co_return tunnel.error();
    if (options->stdio) {
        // OpenSSH forwards its agent by itself, through the same bytes.
        auto done = co_await run_stdio(options, std::move(*tunnel));
        co_return done;
    }
    auto done = co_await run_client(session, options, std::move(*tunnel));
    co_return done;
}

}  // namespace

void add_ssh(Commands& commands) {
    auto options = std::make_shared<SshOptions>();
    auto* command =
        commands.add(commands.root(), "ssh", "Open a shell in a workspace, or run a command there");
    command->add_option("workspace", options->workspace, "Workspace, or workspace.agent")->required();
    command->add_option("command", options->command, "Command, after --");
    command->add_flag("--stdio", options->stdio, "Be the ProxyCommand of another SSH client");
    command->add_flag("-t,--tty", options->terminal, "Give the command a terminal");
    command->add_flag("--disable-autostart", options->disable_autostart, "Do not start a stopped workspace")
        ->envname("CODER_SSH_DISABLE_AUTOSTART");
    command->add_option("--ssh-host-prefix", options->host_prefix, "Take this from the front of the name")
        ->envname("CODER_SSH_SSH_HOST_PREFIX");
    command->add_option("--hostname-suffix", options->host_suffix, "Take this from the end of the name")
        ->envname("CODER_SSH_HOSTNAME_SUFFIX");
    command->add_option("--network-info-dir", options->network_info_dir,
                        "Where to write network information");
    command->add_option("--usage-app", options->usage_app, "Which editor connects")->group("");
    command->add_option("-l,--log-dir", options->log_dir, "Accepted for editors")->group("");
    command
        ->add_option("--wait", options->wait,
                     "Wait for the start scripts: yes, no, or auto for those that block logins")
        ->check(CLI::IsMember({"yes", "no", "auto"}))
        ->envname("CODER_SSH_WAIT");
    command
        ->add_flag("-A,--forward-agent", options->forward_agent,
                   "Let the workspace use the SSH agent of this machine")
        ->envname("CODER_SSH_FORWARD_AGENT");
    commands.on_run(command, [options](Session& session) { return ssh(session, options); });
}

}  // namespace berth::cli
