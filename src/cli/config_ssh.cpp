#include <cerrno>

#include <sys/stat.h>

#include "cli/command.h"
#include "cli/commands.h"
#include "cli/ssh_config.h"
#include "cli/workspace.h"

namespace berth::cli {
namespace {

struct ConfigSshOptions {
    std::string file;
    std::string host_prefix;
    std::string host_suffix;
    std::string binary;
    std::vector<std::string> ssh_options;
    bool dry_run = false;
    bool yes = false;
};

std::filesystem::path config_file(const ConfigSshOptions& options) {
    std::string text = options.file.empty() ? "~/.ssh/config" : options.file;
    if (!text.starts_with("~/")) return std::filesystem::absolute(text);
    const char* home = std::getenv("HOME");
    return std::filesystem::path(home != nullptr ? home : "/") / text.substr(2);
}

/// Empty when there is no such file; one that cannot be read must not be replaced by what we would write.
Result<std::string> read_config(const std::filesystem::path& path) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0 && errno == ENOENT) return std::string();
    std::error_code error;
    auto text = read_input(path.string());
    if (!text || !std::filesystem::is_regular_file(path, error))
        return invalid_argument("the SSH config " + path.string() + " cannot be read", "nothing was changed");
    return text;
}

/// A link stays a link: what it points to is replaced.
std::filesystem::path real_path(const std::filesystem::path& path) {
    std::error_code error;
    auto resolved = std::filesystem::canonical(path, error);
    return error ? path : resolved;
}

Result<SshConfigBlock> make_block(Session& session, const ConfigSshOptions& options,
                                  const sdk::SSHConfigResponse& server) {
    SshConfigBlock block;
    std::error_code error;
    block.binary = options.binary.empty() ? std::filesystem::read_symlink("/proc/self/exe", error).string()
                                          : options.binary;
    block.config_dir = std::filesystem::absolute(session.config().path()).string();
    block.header_command = session.globals().header_command;
    if (!session.globals().headers.empty())
        session.note(
            "--header is not written, as it may hold a secret; use --header-command, or set CODER_HEADER.\n");
    block.hostname_prefix = options.host_prefix.empty() ? server.hostname_prefix : options.host_prefix;
    block.hostname_suffix = options.host_suffix;
    block.options = server.ssh_config_options;
    auto given = parse_pairs(options.ssh_options, "--ssh-option");
    if (!given) return given.error();
    for (auto& [name, value] : *given)
        block.options[name] = value;
    return block;
}

asio::awaitable<Result<void>> config_ssh(Session& session, std::shared_ptr<ConfigSshOptions> options) {
    auto client = session.client();
    if (!client) co_return client.error();
    auto server = co_await (*client)->ssh_config();
    if (!server) co_return server.error();
    auto block = make_block(session, *options, *server);
    if (!block) co_return block.error();
    auto text = block->render();
    if (!text) co_return text.error();
    auto path = real_path(config_file(*options));
    auto before = read_config(path);
    if (!before) co_return before.error();
    auto after = replace_block(*before, *text);
    if (!after) co_return after.error();
    auto changes = line_diff(*before, *after);
    if (options->dry_run) {
        session.print(changes.empty() ? "No changes.\n" : changes);
        co_return Result<void>();
    }
    if (changes.empty()) {
        session.note("No changes to make.\n");
        co_return Result<void>();
    }
    auto sure = confirm(session, "Write " + path.string() + "?", options->yes);
    if (!sure) co_return sure.error();
    std::error_code error;
    std::filesystem::create_directories(path.parent_path(), error);
    struct stat status {};
    unsigned mode = ::stat(path.c_str(), &status) == 0 ? status.st_mode & 0777 : 0600;
    auto written = write_file_atomically(path, *after, mode);
    if (!written) co_return written.error();
    std::string host = block->hostname_suffix.empty() ? block->hostname_prefix + "<workspace>"
                                                      : "<workspace>." + block->hostname_suffix;
    session.note("Updated " + path.string() + ". Now: ssh " + host + "\n");
    co_return Result<void>();
}

}  // namespace

void add_config_ssh(Commands& commands) {
    auto options = std::make_shared<ConfigSshOptions>();
    auto* command = commands.add(commands.root(), "config-ssh", "Let OpenSSH reach workspaces as hosts");
    command->add_option("--ssh-config-file", options->file, "File to change")
        ->envname("CODER_SSH_CONFIG_FILE");
    command->add_option("--ssh-host-prefix", options->host_prefix, "Prefix of host names")
        ->envname("CODER_CONFIGSSH_SSH_HOST_PREFIX");
    command
        ->add_option("--hostname-suffix", options->host_suffix, "Suffix of host names, instead of the prefix")
        ->envname("CODER_CONFIGSSH_HOSTNAME_SUFFIX");
    command->add_option("--coder-binary-path", options->binary, "Program for ProxyCommand")
        ->envname("CODER_SSH_CONFIG_BINARY_PATH");
    command
        ->add_option("-o,--ssh-option", options->ssh_options,
                     "More SSH options, as name=value; may be repeated")
        ->envname("CODER_SSH_CONFIG_OPTS");
    command->add_flag("-n,--dry-run", options->dry_run, "Only show what would change")
        ->envname("CODER_SSH_DRY_RUN");
    command->add_flag("-y,--yes", options->yes, "Do not ask");
    commands.on_run(command, [options](Session& session) { return config_ssh(session, options); });
}

}  // namespace berth::cli
