#include "provisioner/terraform/provider_host.h"

#include <optional>

#include "net/task_group.h"

namespace berth::terraform {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t max_greeting = 16 << 10;
/// A unix socket's path holds 107 bytes; the provider adds about 20 to its folder.
constexpr std::size_t max_folder = 80;

/// .terraform/providers/registry.terraform.io/coder/coder/VERSION/PLATFORM/terraform-provider-coder_vVERSION;
/// nothing unless there is exactly one.
std::optional<fs::path> selected_binary(const fs::path& folder) {
    std::optional<fs::path> found;
    std::error_code failed;
    auto root = folder / ".terraform/providers/registry.terraform.io/coder/coder";
    for (fs::directory_iterator version(root, failed), end; !failed && version != end;
         version.increment(failed)) {
        std::error_code inner;
        for (fs::directory_iterator platform(version->path(), inner); !inner && platform != end;
             platform.increment(inner)) {
            for (fs::directory_iterator file(platform->path(), inner); !inner && file != end;
                 file.increment(inner)) {
                if (!file->path().filename().string().starts_with("terraform-provider-coder")) continue;
                if (found) return std::nullopt;
                found = file->path();
            }
        }
    }
    return found;
}

/// TF_REATTACH_PROVIDERS='{…}' somewhere in the text.
std::optional<std::string> find_address(const std::string& text) {
    constexpr std::string_view key = "TF_REATTACH_PROVIDERS='";
    auto from = text.find(key);
    if (from == std::string::npos) return std::nullopt;
    from += key.size();
    auto to = text.find('\'', from);
    if (to == std::string::npos) return std::nullopt;
    return text.substr(from, to - from);
}

net::ProcessOptions command(const fs::path& binary, const fs::path& folder, const fs::path& run_folder,
                            Environment environment) {
    environment["TMPDIR"] = run_folder.string();
    environment["PLUGIN_UNIX_SOCKET_DIR"] = run_folder.string();
    net::ProcessOptions options;
    options.program = binary.string();
    options.args = {"-debug"};
    options.env = to_vector(environment);
    options.cwd = folder;
    options.err = net::StdIo::null;
    return options;
}

struct Greeting {
    Greeting(net::Process& provider, base::Clock& time) : process(provider), clock(time) {}

    net::Process& process;
    base::Clock& clock;
    std::optional<std::string> address;
};

asio::awaitable<void> give_up_late(Greeting& greeting) {
    co_await greeting.clock.sleep(std::chrono::seconds(5));
    greeting.process.signal_group(9);
}

asio::awaitable<void> read_greeting(net::TaskGroup& group, Greeting& greeting) {
    group.spawn("deadline", give_up_late(greeting));
    std::string text;
    std::vector<std::byte> buffer(4 << 10);
    while (text.size() < max_greeting) {
        auto got = co_await greeting.process.stdout_stream()->read_some(buffer);
        if (!got || *got == 0) co_return;
        text.append(net::as_text(std::span(buffer).first(*got)));
        greeting.address = find_address(text);
        if (greeting.address) co_return;
    }
}

}  // namespace

asio::awaitable<Result<std::unique_ptr<ProviderHost>>> ProviderHost::start(fs::path folder,
                                                                           fs::path run_folder,
                                                                           Environment environment,
                                                                           base::Clock& clock) {
    auto binary = selected_binary(folder);
    if (!binary) co_return not_found("the template does not use exactly one version of the coder provider");
    if (run_folder.string().size() > max_folder)
        co_return invalid_argument("the work folder's path is too long");
    auto options = command(*binary, folder, run_folder, environment);
    auto executor = co_await asio::this_coro::executor;
    auto process = net::Process::start(executor, std::move(options));
    if (!process) co_return process.error();
    std::unique_ptr<ProviderHost> host(new ProviderHost(std::move(*process), std::move(environment)));
    Greeting greeting(*host->process_, clock);
    co_await net::TaskGroup::scope(base::Logger("terraform"), read_greeting, std::ref(greeting));
    if (!greeting.address) co_return unavailable("the coder provider did not say where it listens");
    host->address_ = *greeting.address;
    co_return std::move(host);
}

}  // namespace berth::terraform
