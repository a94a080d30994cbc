#include "agent/agent.h"

#include "cli/command.h"
#include "cli/commands.h"

namespace berth::cli {
namespace {

struct AgentFlags {
    std::string url;
    std::string token;
    std::string token_file;
    std::string auth = "token";
    std::string log_dir;
    std::string script_data_dir;
    std::string ca_file;
};

Result<SecretString> agent_token(const AgentFlags& flags) {
    if (!flags.token.empty()) return SecretString(flags.token);
    if (flags.token_file.empty())
        return invalid_argument("the agent needs its token",
                                "give CODER_AGENT_TOKEN or CODER_AGENT_TOKEN_FILE");
    auto text = read_line_file(flags.token_file);
    if (!text) return invalid_argument("the token file cannot be read, or is empty", flags.token_file);
    return SecretString(std::move(*text));
}

/// The agent has a loop of its own, made here so that nothing else of the program is alive beside it.
asio::awaitable<Result<void>> run(Session& session, std::shared_ptr<AgentFlags> flags) {
    if (flags->auth != "token")
        co_return Error(ErrorCode::unimplemented, "--auth " + flags->auth + " is not available",
                        "use --auth token");
    std::string address = flags->url.empty() ? session.globals().url : flags->url;
    if (address.empty()) co_return invalid_argument("which server?", "give CODER_AGENT_URL");
    auto url = http::Url::parse(address);
    if (!url) co_return url.error();
    auto token = agent_token(*flags);
    if (!token) co_return token.error();
    base::LogOptions logging;
    logging.level = session.globals().verbose ? base::LogLevel::debug : base::LogLevel::info;
    auto ready = base::init_logging(logging);
    if (!ready) co_return ready.error();
    agent::Options options;
    options.url = std::move(*url);
    options.token = std::move(*token);
    options.ca_file = flags->ca_file;
    options.log_directory = flags->log_dir;
    options.data_directory = flags->script_data_dir;
    session.run_afterwards([options = std::move(options)] { return agent::run_until_signal(options); });
    co_return Result<void>();
}

}  // namespace

void add_agent(Commands& commands) {
    auto flags = std::make_shared<AgentFlags>();
    auto* command = commands.add(commands.root(), "agent", "Run the agent inside a workspace");
    command->add_option("--agent-url", flags->url, "URL of the server")->envname("CODER_AGENT_URL");
    command->add_option("--agent-token", flags->token, "Token; prefer the variable")
        ->envname("CODER_AGENT_TOKEN");
    command->add_option("--agent-token-file", flags->token_file, "File that holds the token")
        ->envname("CODER_AGENT_TOKEN_FILE");
    command->add_option("--auth", flags->auth, "How the agent proves itself: token")
        ->envname("CODER_AGENT_AUTH");
    command->add_option("--log-dir", flags->log_dir, "Where scripts write their logs")
        ->envname("CODER_AGENT_LOG_DIR");
    command->add_option("--script-data-dir", flags->script_data_dir, "Private files of scripts")
        ->envname("CODER_AGENT_SCRIPT_DATA_DIR");
    command->add_option("--ca-file", flags->ca_file, "PEM bundle besides the system's")
        ->envname("SSL_CERT_FILE");
    commands.on_run(command, [flags](Session& session) { return run(session, flags); });
}

}  // namespace berth::cli
