#include "provisioner/terraform/provider_host.h"

#include <optional>
#include <set>

#include <boost/json.hpp>

#include "net/task_group.h"

namespace berth::terraform {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t max_greeting = 16 << 10;
constexpr std::size_t max_providers = 32;
/// A unix socket's path holds 107 bytes; a provider adds about 20 to its folder.
constexpr std::size_t max_folder = 80;
constexpr auto greeting_limit = std::chrono::seconds(5);

std::vector<fs::path> entries_of(const fs::path& folder) {
    std::vector<fs::path> paths;
    std::error_code failed;
    for (fs::directory_iterator entry(folder, failed), end; !failed && entry != end; entry.increment(failed))
        paths.push_back(entry->path());
    return paths;
}

/// VERSION/PLATFORM/terraform-provider-NAME_vVERSION below the folder of one provider; nothing unless there
/// is exactly one.
std::optional<fs::path> only_binary(const fs::path& provider) {
    std::optional<fs::path> found;
    for (const auto& version : entries_of(provider)) {
        for (const auto& platform : entries_of(version)) {
            for (const auto& file : entries_of(platform)) {
                if (!file.filename().string().starts_with("terraform-provider-")) continue;
                if (found) return std::nullopt;
                found = file;
            }
        }
    }
    return found;
}

/// The value in TF_REATTACH_PROVIDERS='{"address": value}' somewhere in the text. Under what address a
/// provider believes to serve does not matter: terraform knows it by the one it was installed as.
std::optional<boost::json::value> find_endpoint(const std::string& text) {
    constexpr std::string_view key = "TF_REATTACH_PROVIDERS='";
    auto from = text.find(key);
    if (from == std::string::npos) return std::nullopt;
    from += key.size();
    auto to = text.find('\'', from);
    if (to == std::string::npos) return std::nullopt;
    boost::system::error_code failed;
    auto parsed = boost::json::parse(std::string_view(text).substr(from, to - from), failed);
    if (failed || !parsed.is_object() || parsed.get_object().size() != 1) return std::nullopt;
    return parsed.get_object().begin()->value();
}

net::ProcessOptions command(const fs::path& binary, const fs::path& folder, const fs::path& run_folder,
                            Environment environment) {
    environment["TMPDIR"] = run_folder.string();
    environment["PLUGIN_UNIX_SOCKET_DIR"] = run_folder.string();
    net::ProcessOptions options;
    options.program = binary.string();
    options.args = {"-debug"};
    options.env = to_vector(with_rare_collections(std::move(environment)));
    options.cwd = folder;
    options.err = net::StdIo::null;
    return options;
}

/// One provider that was started; all on one loop.
struct Starting {
    std::string provider;
    std::unique_ptr<net::Process> process;
    std::optional<boost::json::value> endpoint;
    bool ended = false;
};

asio::awaitable<void> give_up_late(std::vector<Starting>& all, base::Clock& clock) {
    co_await clock.sleep(greeting_limit);
    for (auto& each : all)
        if (!each.ended) each.process->signal_group(9);
}

asio::awaitable<void> read_greeting(Starting& starting) {
    std::string text;
    std::vector<std::byte> buffer(4 << 10);
    while (text.size() < max_greeting && !starting.endpoint) {
        auto got = co_await starting.process->stdout_stream()->read_some(buffer);
        if (!got || *got == 0) break;
        text.append(net::as_text(std::span(buffer).first(*got)));
        starting.endpoint = find_endpoint(text);
    }
    starting.ended = true;
}

asio::awaitable<void> read_greetings(net::TaskGroup& group, std::vector<Starting>& all, base::Clock& clock) {
    group.spawn("deadline", give_up_late(all, clock));
    // They start all at once; reading one after the other costs nothing.
    for (auto& each : all)
        co_await read_greeting(each);
}

}  // namespace

std::map<std::string, fs::path> selected_providers(const fs::path& folder) {
    std::map<std::string, fs::path> found;
    for (const auto& host : entries_of(folder / ".terraform/providers"))
        for (const auto& space : entries_of(host))
            for (const auto& name : entries_of(space))
                if (auto binary = only_binary(name); binary && found.size() < max_providers)
                    found[host.filename().string() + "/" + space.filename().string() + "/" +
                          name.filename().string()] = *binary;
    return found;
}

std::string_view name_in_registry(std::string_view address) {
    for (std::string_view registry : {"registry.terraform.io/", "registry.opentofu.org/"})
        if (address.starts_with(registry)) return address.substr(registry.size());
    return {};
}

std::map<std::string, fs::path> shareable_providers(const fs::path& folder) {
    static const std::set<std::string_view> without_configuration{coder_provider,     "hashicorp/cloudinit",
                                                                  "hashicorp/local",  "hashicorp/null",
                                                                  "hashicorp/random", "hashicorp/time"};
    auto providers = selected_providers(folder);
    std::erase_if(providers, [](const auto& each) {
        return !without_configuration.contains(name_in_registry(each.first));
    });
    return providers;
}

asio::awaitable<Result<std::unique_ptr<ProviderHost>>> ProviderHost::start(
    fs::path folder, fs::path run_folder, std::map<std::string, fs::path> providers, Environment environment,
    base::Clock& clock) {
    if (run_folder.string().size() > max_folder)
        co_return invalid_argument("the work folder's path is too long");
    auto executor = co_await asio::this_coro::executor;
    std::vector<Starting> all;
    for (const auto& [provider, binary] : providers) {
        auto process = net::Process::start(executor, command(binary, folder, run_folder, environment));
        if (!process) continue;
        auto& each = all.emplace_back();
        each.provider = provider;
        each.process = std::move(*process);
    }
    co_await net::TaskGroup::scope(base::Logger("terraform"), read_greetings, std::ref(all), std::ref(clock));
    std::unique_ptr<ProviderHost> host(new ProviderHost(std::move(environment)));
    boost::json::object endpoints;
    for (auto& each : all) {
        if (!each.endpoint) continue;
        endpoints[each.provider] = std::move(*each.endpoint);
        host->processes_.push_back(std::move(each.process));
    }
    if (endpoints.empty()) co_return unavailable("no provider of the template can be kept running");
    host->address_ = boost::json::serialize(endpoints);
    co_return std::move(host);
}

}  // namespace berth::terraform
