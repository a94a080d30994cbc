#include <csignal>

#include "base/clock.h"
#include "base/text.h"
#include "cli/archive_tags.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/dbcrypt.h"
#include "cli/live_parameters.h"
#include "cli/local_daemons.h"
#include "cli/server_options.h"
#include "cli/signals.h"
#include "coderd/deployment/option_table.h"
#include "coderd/server.h"
#include "net/task_group.h"

namespace berth::cli {
namespace {

/// How long jobs of our own daemons may take to stop before the server goes on without them.
constexpr auto daemon_grace = std::chrono::seconds(60);

struct ServerFlags {
    /// By flag; only what was given on the command line or in the environment.
    OptionTexts texts;
    std::string config_file;
    std::string terraform;
};

Result<coderd::ServerOptions> read_options(Session& session, const ServerFlags& flags) {
    OptionTexts texts;
    if (!flags.config_file.empty()) {
        auto file = read_yaml_options(flags.config_file);
        if (!file) return file.error();
        texts = std::move(*file);
    }
    for (const auto& [flag, text] : flags.texts)
        texts[flag] = text;
    auto options = parse_server_options(texts);
    if (!options) return options.error();
    options->config_dir = std::filesystem::absolute(session.config().path());
    std::error_code error;
    options->agent_binary = std::filesystem::read_symlink("/proc/self/exe", error);
    return options;
}

Result<void> start_logging(Session& session, const OptionTexts& texts) {
    base::LogOptions logging;
    auto text = [&texts](const std::string& flag, std::string fallback) {
        auto it = texts.find(flag);
        return it == texts.end() ? std::move(fallback) : it->second;
    };
    logging.human_path = text("log-human", "/dev/stderr");
    logging.json_path = text("log-json", "");
    bool verbose =
        session.globals().verbose || text("verbose", "") == "true" || !text("log-filter", "").empty();
    logging.level = verbose ? base::LogLevel::debug : base::LogLevel::info;
    return base::init_logging(logging);
}

void warn_of_idle_options(const OptionTexts& texts, const base::Logger& log) {
    auto idle = options_without_effect(texts);
    if (!idle.empty())
        log.warn("some of the given options have no effect in this version",
                 field("options", base::join(idle, " ")));
}

asio::awaitable<Result<yamux::SessionPtr>> connect_builtin(coderd::Server& server, std::string name,
                                                           asio::any_io_executor server_loop) {
    auto daemon_loop = co_await asio::this_coro::executor;
    auto stream = co_await asio::co_spawn(
        server_loop,
        [](coderd::Server& owner, asio::any_io_executor loop,
           std::string daemon) -> asio::awaitable<net::StreamPtr> {
            co_return owner.connect_provisioner(loop, daemon, {});
        }(server, daemon_loop, std::move(name)),
        asio::use_awaitable);
    co_return yamux::Session::create(daemon_loop, std::move(stream), yamux::Role::client);
}

asio::awaitable<void> end_daemons_late(LocalDaemons& daemons, base::Clock& clock) {
    co_await clock.sleep(daemon_grace);
    daemons.shutdown(provisionerd::Shutdown::cancel_job);
}

/// SIGHUP lets jobs finish, SIGTERM and SIGINT cancel them, and only another SIGINT kills them: supervisors
/// and closing terminals send several signals for one. After that a signal ends the process.
asio::awaitable<void> obey_signals(LocalDaemons& daemons, std::unique_ptr<StopSignals> signals, int first) {
    using provisionerd::Shutdown;
    auto asked = first == SIGHUP ? Shutdown::finish_job : Shutdown::cancel_job;
    daemons.shutdown(asked);
    while (asked != Shutdown::kill_job) {
        int number = co_await signals->next();
        bool more = asked == Shutdown::finish_job ? number != SIGHUP : number == SIGINT;
        if (!more) continue;
        asked = asked == Shutdown::finish_job ? Shutdown::cancel_job : Shutdown::kill_job;
        daemons.shutdown(asked);
    }
}

/// Serves until a signal comes, then stops in order: jobs, requests, database.
asio::awaitable<void> serve(net::TaskGroup& group, coderd::Server& server, LocalDaemons* daemons,
                            net::Runtime& runtime, base::Logger& log) {
    auto loop = runtime.executor(0);
    auto signals = std::make_unique<StopSignals>(loop);
    net::TaskGroup running(loop, log);
    if (daemons != nullptr) {
        ConnectorFactory factory = [&server, loop](std::size_t, std::string name, asio::any_io_executor) {
            return [&server, loop, name] { return connect_builtin(server, name, loop); };
        };
        running.spawn("provisioner daemons", daemons->run(std::move(factory)));
    }
    int number = co_await signals->next();
    log.info("shutting down", field("signal", number));
    if (daemons != nullptr) {
        group.spawn("impatience", end_daemons_late(*daemons, base::system_clock()));
        group.spawn("signals", obey_signals(*daemons, std::move(signals), number));
    }
    signals.reset();
    co_await running.join();
}

asio::awaitable<Result<void>> run_server(Session& session, std::shared_ptr<ServerFlags> flags) {
    auto options = read_options(session, *flags);
    if (!options) co_return options.error();
    if (option_text(options->set_options, "write-config") == "true") {
        session.print(write_yaml_options(options->set_options));
        co_return Result<void>();
    }
    auto logging = start_logging(session, options->set_options);
    if (!logging) co_return logging.error();
    base::Logger log("berth");
    warn_of_idle_options(options->set_options, log);
    LocalDaemonOptions daemon_options;
    daemon_options.count = options->provisioner_daemons;
    daemon_options.name = "builtin";
    daemon_options.work_root = options->cache_dir / "provisioner";
    daemon_options.terraform = flags->terraform;
    daemon_options.experiments = options->experiments;
    daemon_options.daemon.force_cancel_interval =
        duration_option(options->set_options, "provisioner-force-cancel-interval");
    // Without daemons as well: forms and workspace tags are evaluated here, wherever the templates are built.
    auto daemons = std::make_unique<LocalDaemons>(session.runtime(), daemon_options, log);
    auto prepared = co_await daemons->prepare();
    // Who names a program wants that one.
    if (!prepared && !flags->terraform.empty()) co_return prepared.error();
    if (!prepared) {
        log.warn(
            "terraform cannot be run here: no built-in provisioner daemons, no forms that follow the answers",
            field("error", prepared.error()));
        daemons.reset();
    }
    std::unique_ptr<LiveParameters> live;
    if (daemons)
        live = std::make_unique<LiveParameters>(session.runtime().executor(0),
                                                daemon_options.work_root / "live", daemons->session());
    ArchiveTags tags(session.runtime().workers(), daemon_options.work_root / "tags");
    coderd::TemplateReaders readers{live.get(), &tags};
    auto server =
        co_await coderd::Server::start(session.runtime(), std::move(*options), log.named("coderd"), readers);
    if (!server) co_return server.error();
    session.note("berth is running at " + (*server)->access_url() + "\n");
    co_await net::TaskGroup::scope(log, serve, std::ref(**server), daemons.get(), std::ref(session.runtime()),
                                   std::ref(log));
    if (live) co_await live->close();
    co_await (*server)->stop();
    log.info("stopped");
    co_return Result<void>();
}

void add_option(CLI::App* command, const coderd::OptionSpec& spec,
                const std::shared_ptr<ServerFlags>& flags) {
    std::string names = (spec.short_flag.empty() ? "" : "-" + std::string(spec.short_flag) + ",") + "--" +
                        std::string(spec.flag);
    std::string flag(spec.flag);
    auto store = [flags, flag](const std::string& text) { flags->texts[flag] = text; };
    // --verbose belongs to every command.
    if (flag == "verbose") return;
    CLI::Option* option = nullptr;
    if (spec.kind == coderd::OptionKind::boolean) {
        option = command->add_flag_function(
            names, [store](std::int64_t count) { store(count > 0 ? "true" : "false"); },
            std::string(spec.description));
    } else {
        option = command->add_option_function<std::string>(names, store, std::string(spec.description));
    }
    if (!spec.env.empty()) option->envname(std::string(spec.env));
    if ((spec.attributes & coderd::option_hidden) != 0) option->group("");
}

}  // namespace

void add_server(Commands& commands) {
    auto flags = std::make_shared<ServerFlags>();
    auto* command = commands.add(commands.root(), "server", "Run the control plane");
    for (const auto& spec : coderd::option_table()) {
        if (spec.flag.empty()) continue;
        if (spec.flag == "config") {
            command->add_option("-c,--config", flags->config_file, "YAML file with options")
                ->envname("CODER_CONFIG_PATH");
            continue;
        }
        add_option(command, spec, flags);
    }
    command
        ->add_option("--terraform-binary", flags->terraform,
                     "terraform or tofu; looked up in PATH when not given")
        ->envname("CODER_TERRAFORM_BINARY");
    commands.on_run(
        command, [flags](Session& session) { return run_server(session, flags); }, 0);
    add_dbcrypt(commands, *command);
}

}  // namespace berth::cli
