#include <csignal>

#include "base/version.h"
#include "cli/command.h"
#include "cli/local_daemons.h"
#include "cli/provisioner.h"
#include "cli/server_options.h"
#include "cli/signals.h"
#include "cli/workspace.h"
#include "net/task_group.h"
#include "rpc/provisionerd.h"

#include <unistd.h>

namespace berth::cli {
namespace {

struct ProvisionerOptions {
    std::string name;
    std::string organization = "default";
    std::string cache_dir;
    std::string psk;
    std::string key;
    std::string terraform;
    std::string force_cancel = "10m";
    std::vector<std::string> tags;
    std::vector<std::string> experiments;
    std::string poll_interval;
    std::string poll_jitter;
    std::string log_human = "/dev/stderr";
    std::string log_json;
    std::string log_stackdriver;
    std::vector<std::string> log_filter;
    bool prometheus = false;
    std::string prometheus_address;
};

std::string host_name() {
    std::array<char, 256> name{};
    ::gethostname(name.data(), name.size() - 1);
    return name.data();
}

Result<sdk::ServeProvisionerDaemonRequest> serve_request(const ProvisionerOptions& options) {
    sdk::ServeProvisionerDaemonRequest request;
    request.provisioners = {sdk::ProvisionerType::terraform};
    request.pre_shared_key = options.psk;
    request.provisioner_key = options.key;
    auto tags = parse_pairs(options.tags, "--tag");
    if (!tags) return tags.error();
    for (auto& [name, value] : *tags)
        request.tags[name] = value;
    if (!options.key.empty() && !request.tags.empty())
        return invalid_argument("--tag and --key do not go together: a key brings its own tags");
    return request;
}

/// A refusal at the start stays one however often it is asked for; everything else may pass.
bool is_final(const Error& error) {
    switch (error.code()) {
        case ErrorCode::invalid_argument:
        case ErrorCode::unauthenticated:
        case ErrorCode::permission_denied:
        case ErrorCode::not_found:
            return true;
        default:
            return false;
    }
}

/// How the daemon reaches the server, and what ends it when the server will not have it.
struct Dialer {
    std::shared_ptr<sdk::Client> client;
    sdk::ServeProvisionerDaemonRequest request;
    std::string organization;
    LocalDaemons* daemons = nullptr;
    std::optional<Error> refusal;
    /// Then a refusal may be a proxy's, while the server behind it starts again: no reason to break off a
    /// job.
    bool was_connected = false;
};

asio::awaitable<Result<yamux::SessionPtr>> dial(std::shared_ptr<Dialer> dialer) {
    auto loop = co_await asio::this_coro::executor;
    http::Headers headers;
    headers.set("X-Coder-Build-Version", std::string(base::version));
    headers.set(rpc::provisionerd::max_message_header, std::to_string(rpc::provisionerd::max_message));
    auto stream = co_await dialer->client->serve_provisioner_daemon(
        dialer->request, std::string(base::provisionerd_api_version), dialer->organization, headers);
    if (!stream) {
        if (is_final(stream.error()) && !dialer->refusal && !dialer->was_connected) {
            dialer->refusal = stream.error().wrap("The server refuses this provisioner daemon");
            dialer->daemons->shutdown(provisionerd::Shutdown::cancel_job);
        }
        co_return stream.error();
    }
    dialer->was_connected = true;
    co_return yamux::Session::create(loop, std::move(*stream), yamux::Role::client);
}

/// SIGTERM and SIGHUP let the job under way finish, SIGINT cancels it, and the next one kills it. After that
/// a signal ends the process as it ends any other.
asio::awaitable<void> obey_signals(LocalDaemons& daemons, Session& session) {
    using provisionerd::Shutdown;
    StopSignals signals(co_await asio::this_coro::executor);
    std::optional<Shutdown> asked;
    while (asked != Shutdown::kill_job) {
        int number = co_await signals.next();
        if (number != SIGINT) {
            if (asked) continue;
            asked = Shutdown::finish_job;
            session.note("Stopping when the job under way is done; Ctrl-C cancels it.\n");
        } else if (asked == Shutdown::cancel_job) {
            asked = Shutdown::kill_job;
            session.note("Killing the job under way.\n");
        } else {
            asked = Shutdown::cancel_job;
            session.note("Canceling the job under way; Ctrl-C again kills it.\n");
        }
        daemons.shutdown(*asked);
    }
}

asio::awaitable<void> run_daemons(net::TaskGroup& group, LocalDaemons& daemons, Session& session,
                                  ConnectorFactory factory) {
    group.spawn("signals", obey_signals(daemons, session));
    co_await daemons.run(std::move(factory));
}

/// Keys stand for a login; without one the user's own is used.
Result<std::shared_ptr<sdk::Client>> connect_as(Session& session, const ProvisionerOptions& options) {
    if (options.key.empty() && options.psk.empty()) return session.client();
    std::string url =
        session.globals().url.empty() ? session.config().url().value_or("") : session.globals().url;
    if (url.empty()) return invalid_argument("which server?", "give --url or CODER_URL");
    return session.anonymous_client(url);
}

Result<void> start_logging(const Session& session, const ProvisionerOptions& options) {
    base::LogOptions logging;
    logging.human_path = options.log_human;
    logging.json_path = options.log_json;
    bool verbose = session.globals().verbose || !options.log_filter.empty();
    logging.level = verbose ? base::LogLevel::debug : base::LogLevel::info;
    auto ready = base::init_logging(logging);
    if (!ready) return ready;
    base::Logger log("berth");
    if (!options.log_stackdriver.empty()) log.warn("--log-stackdriver has no effect in this version");
    if (options.prometheus) log.warn("--prometheus-enable has no effect in this version");
    return {};
}

asio::awaitable<Result<void>> start(Session& session, std::shared_ptr<ProvisionerOptions> options) {
    auto ready = start_logging(session, *options);
    if (!ready) co_return ready.error();
    auto request = serve_request(*options);
    if (!request) co_return request.error();
    auto client = connect_as(session, *options);
    if (!client) co_return client.error();
    auto grace = base::parse_go_duration(options->force_cancel);
    if (!grace) co_return invalid_argument("--force-cancel-interval must be a duration like 10m");
    LocalDaemonOptions daemon_options;
    daemon_options.name = options->name.empty() ? host_name() : options->name;
    daemon_options.work_root = options->cache_dir.empty() ? default_cache_dir() / "provisioner"
                                                          : std::filesystem::path(options->cache_dir);
    daemon_options.terraform = options->terraform;
    daemon_options.experiments = options->experiments;
    daemon_options.daemon.force_cancel_interval = *grace;
    LocalDaemons daemons(session.runtime(), daemon_options, base::Logger("berth"));
    auto prepared = co_await daemons.prepare();
    if (!prepared) co_return prepared.error();
    request->name = daemon_options.name;
    auto dialer = std::make_shared<Dialer>();
    dialer->client = *client;
    dialer->request = std::move(*request);
    dialer->organization = options->organization;
    dialer->daemons = &daemons;
    ConnectorFactory factory = [dialer](std::size_t, std::string, asio::any_io_executor) {
        return [dialer] { return dial(dialer); };
    };
    session.note("The provisioner daemon " + daemon_options.name + " is starting.\n");
    co_await net::TaskGroup::scope(base::Logger("berth"), run_daemons, std::ref(daemons), std::ref(session),
                                   factory);
    if (dialer->refusal) co_return *dialer->refusal;
    co_return Result<void>();
}

void add_logging(CLI::App& command, ProvisionerOptions& options) {
    command.add_option("--log-human", options.log_human, "File for the log as people read it")
        ->envname("CODER_PROVISIONER_DAEMON_LOGGING_HUMAN");
    command.add_option("--log-json", options.log_json, "File for the log as JSON")
        ->envname("CODER_PROVISIONER_DAEMON_LOGGING_JSON");
    command.add_option("--log-filter", options.log_filter, "Shows debug lines when it is given")
        ->delimiter(',')
        ->envname("CODER_PROVISIONER_DAEMON_LOG_FILTER");
}

/// What people may have in their scripts, and what has no meaning here.
void add_compatibility(CLI::App& command, ProvisionerOptions& options) {
    const char* accepted = "Accepted for compatibility";
    command.add_option("--poll-interval", options.poll_interval, accepted)->group("");
    command.add_option("--poll-jitter", options.poll_jitter, accepted)->group("");
    command.add_option("--log-stackdriver", options.log_stackdriver, accepted)
        ->group("")
        ->envname("CODER_PROVISIONER_DAEMON_LOGGING_STACKDRIVER");
    command.add_flag("--prometheus-enable", options.prometheus, accepted)
        ->group("")
        ->envname("CODER_PROMETHEUS_ENABLE");
    command.add_option("--prometheus-address", options.prometheus_address, accepted)
        ->group("")
        ->envname("CODER_PROMETHEUS_ADDRESS");
}

}  // namespace

void add_provisioner_start(Commands& commands, CLI::App& provisioner) {
    auto options = std::make_shared<ProvisionerOptions>();
    auto* command = commands.add(provisioner, "start", "Run a daemon on this machine");
    command->footer(
        "SIGTERM and SIGHUP let the job under way finish before the daemon ends. SIGINT (Ctrl-C) cancels\n"
        "it, and a second one kills it; the state of its workspace is what terraform saved last.");
    command->add_option("--name", options->name, "Name; that of the machine when not given")
        ->envname("CODER_PROVISIONER_DAEMON_NAME");
    command->add_option("-O,--org", options->organization, "Organization")->envname("CODER_ORGANIZATION");
    command->add_option("-c,--cache-dir", options->cache_dir, "Folder for work and caches")
        ->envname("CODER_CACHE_DIRECTORY");
    command->add_option("--psk", options->psk, "Pre-shared key; prefer the variable")
        ->envname("CODER_PROVISIONER_DAEMON_PSK");
    command->add_option("--key", options->key, "Provisioner key; prefer the variable")
        ->envname("CODER_PROVISIONER_DAEMON_KEY");
    command
        ->add_option("-t,--tag", options->tags, "Tag as name=value; may be repeated, or several with commas")
        ->delimiter(',')
        ->envname("CODER_PROVISIONERD_TAGS");
    command
        ->add_option("--terraform-binary", options->terraform,
                     "terraform or tofu; looked up in PATH when not given")
        ->envname("CODER_TERRAFORM_BINARY");
    command
        ->add_option("--force-cancel-interval", options->force_cancel,
                     "Grace before a canceled job is killed")
        ->envname("CODER_PROVISIONERD_FORCE_CANCEL_INTERVAL");
    command->add_option("--experiments", options->experiments, "Names of experiments to take part in")
        ->delimiter(',')
        ->envname("CODER_EXPERIMENTS");
    add_logging(*command, *options);
    add_compatibility(*command, *options);
    commands.on_run(command, [options](Session& session) { return start(session, options); });
}

}  // namespace berth::cli
