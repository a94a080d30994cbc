#include "cli/server_options.h"

#include <algorithm>
#include <cstdlib>
#include <set>

#include "base/text.h"
#include "coderd/deployment/option_table.h"
#include "net/http/client.h"

namespace berth::cli {
namespace {

using coderd::OptionKind;
using coderd::OptionSpec;

bool is_boolean(std::string_view text) {
    return text == "true" || text == "false" || text == "1" || text == "0";
}

/// Go's notation, and whole days: "7d".
std::optional<base::Duration> parse_duration(std::string_view text) {
    if (!text.ends_with('d')) return base::parse_go_duration(text);
    auto days = base::parse_int<std::int32_t>(text.substr(0, text.size() - 1));
    if (!days) return std::nullopt;
    return std::chrono::hours(24) * *days;
}

/// What is wrong with `text` for this kind of option; empty when nothing is.
std::string complaint(const OptionSpec& option, const std::string& text) {
    switch (option.kind) {
        case OptionKind::boolean:
            return is_boolean(text) ? "" : "must be true or false";
        case OptionKind::integer:
            return base::parse_int<std::int64_t>(text) ? "" : "must be a whole number";
        case OptionKind::duration:
            return parse_duration(text) ? "" : "must be a duration like 1h30m";
        case OptionKind::url:
            return text.empty() || http::Url::parse(text) ? "" : "must be a URL";
        case OptionKind::choice: {
            auto choices = coderd::choices_of(option);
            bool known = std::find(choices.begin(), choices.end(), text) != choices.end();
            return known ? "" : "must be one of " + base::join({choices.begin(), choices.end()}, ", ");
        }
        case OptionKind::text:
        case OptionKind::list:
        case OptionKind::json:
            return "";
    }
    return "";
}

std::vector<std::string> list_of(const std::string& text) {
    std::vector<std::string> items;
    for (auto part : base::split(text, ','))
        if (!base::trim(part).empty()) items.emplace_back(base::trim(part));
    return items;
}

/// Reads checked texts as values; each getter takes the option's flag, and notes that it was asked for.
class Values {
public:
    explicit Values(const OptionTexts& texts) : texts_(texts) {}

    [[nodiscard]] const std::set<std::string, std::less<>>& asked() const { return asked_; }
    [[nodiscard]] std::optional<std::string> given(std::string_view flag) const {
        asked_.emplace(flag);
        auto it = texts_.find(std::string(flag));
        if (it == texts_.end()) return std::nullopt;
        return it->second;
    }
    [[nodiscard]] std::string text(std::string_view flag) const {
        if (auto value = given(flag)) return *value;
        const auto* option = coderd::find_option(flag);
        return option != nullptr ? std::string(option->default_value) : std::string();
    }
    [[nodiscard]] bool boolean(std::string_view flag) const {
        auto value = text(flag);
        return value == "true" || value == "1";
    }
    [[nodiscard]] std::int64_t integer(std::string_view flag) const {
        return base::parse_int<std::int64_t>(text(flag)).value_or(0);
    }
    [[nodiscard]] base::Duration duration(std::string_view flag) const {
        return parse_duration(text(flag)).value_or(base::Duration(0));
    }
    [[nodiscard]] std::vector<std::string> list(std::string_view flag) const { return list_of(text(flag)); }

private:
    const OptionTexts& texts_;
    mutable std::set<std::string, std::less<>> asked_;
};

/// Read by the command line itself.
constexpr std::string_view read_elsewhere[] = {
    "config", "write-config", "log-human", "log-json", "log-filter", "provisioner-force-cancel-interval"};

/// Whether a text says the same as the default does.
bool is_default(const OptionSpec& option, const std::string& text) {
    if (option.kind == OptionKind::boolean) {
        auto on = [](std::string_view value) { return value == "true" || value == "1"; };
        return on(text) == on(option.default_value);
    }
    if (option.kind == OptionKind::duration)
        return parse_duration(text) == parse_duration(option.default_value);
    return text == option.default_value;
}

/// What protects a deployment elsewhere and is not built here: to ignore it would be to lie.
constexpr std::string_view refused_options[] = {"tls-ciphers",
                                                "tls-allow-insecure-ciphers",
                                                "strict-transport-security",
                                                "samesite-auth-cookie",
                                                "browser-only",
                                                "api-rate-limit",
                                                "disable-owner-workspace-access",
                                                "postgres-auth",
                                                "disable-session-expiry-refresh"};

Result<void> check_protections(const OptionTexts& texts) {
    Error failure(ErrorCode::unimplemented, "the server cannot protect as these options ask it to");
    for (auto flag : refused_options) {
        auto found = texts.find(std::string(flag));
        if (found == texts.end() || is_default(*coderd::find_option(flag), found->second)) continue;
        std::move(failure).with_field("--" + std::string(flag), "is not available in this version");
    }
    if (failure.fields().empty()) return {};
    return failure;
}

Result<void> check(const OptionTexts& texts) {
    Error failure = invalid_argument("the server cannot start with these options");
    for (const auto& [flag, text] : texts) {
        const auto* option = coderd::find_option(flag);
        if (option == nullptr) {
            std::move(failure).with_field(flag, "is not an option of the server");
        } else if (auto wrong = complaint(*option, text); !wrong.empty()) {
            std::move(failure).with_field("--" + flag, std::move(wrong));
        }
    }
    if (failure.fields().empty()) return {};
    return failure;
}

std::optional<http::TlsOptions> tls_options(const Values& values) {
    if (!values.boolean("tls-enable")) return std::nullopt;
    http::TlsOptions tls;
    tls.cert_files = values.list("tls-cert-file");
    tls.key_files = values.list("tls-key-file");
    tls.client_ca_file = values.text("tls-client-ca-file");
    tls.client_auth = values.text("tls-client-auth");
    tls.min_version = values.text("tls-min-version");
    return tls;
}

Result<std::map<std::string, std::string>> ssh_options(const std::vector<std::string>& entries) {
    std::map<std::string, std::string> options;
    for (const auto& entry : entries) {
        auto at = entry.find_first_of("= ");
        if (at == 0 || at == std::string::npos)
            return invalid_argument("the server cannot start with these options")
                .with_field("--ssh-config-options", "each must be name=value");
        options[entry.substr(0, at)] = std::string(base::trim(entry.substr(at + 1)));
    }
    return options;
}

Result<void> check_together(const coderd::ServerOptions& options) {
    if (options.tls &&
        (options.tls->cert_files.empty() || options.tls->cert_files.size() != options.tls->key_files.size()))
        return invalid_argument("TLS needs as many --tls-key-file as --tls-cert-file, and at least one");
    if (options.http_address.empty() && !options.tls)
        return invalid_argument("neither --http-address nor --tls-enable is set: nothing to listen on");
    return {};
}

/// The texts with old names of options replaced; a text under the new name wins.
OptionTexts with_current_names(const OptionTexts& given) {
    OptionTexts texts = given;
    for (const auto& option : coderd::option_table()) {
        auto found = given.find(std::string(option.flag));
        const auto* current = coderd::replacement_of(option);
        if (found == given.end() || current == nullptr) continue;
        texts.erase(found->first);
        texts.emplace(current->flag, found->second);
    }
    return texts;
}

/// Everything that reads `values`, so that what it does not ask for has no effect.
Result<coderd::ServerOptions> read_values(const Values& values) {
    coderd::ServerOptions options;
    options.access_url = values.text("access-url");
    while (options.access_url.ends_with('/'))
        options.access_url.pop_back();
    options.http_address = values.text("http-address");
    options.tls_address = values.text("tls-address");
    options.tls = tls_options(values);
    options.cache_dir = values.given("cache-dir").value_or(default_cache_dir().string());
    options.postgres_url = SecretString(values.text("postgres-url"));
    options.postgres_connections =
        static_cast<std::size_t>(std::max<std::int64_t>(2, values.integer("postgres-conn-max-open")));
    options.provisioner_daemons =
        static_cast<std::size_t>(std::max<std::int64_t>(0, values.integer("provisioner-daemons")));
    options.provisioner_psk = SecretString(values.text("provisioner-daemon-psk"));
    for (auto& key : values.list("external-token-encryption-keys"))
        options.encryption_keys.emplace_back(std::move(key));
    options.session_lifetime = values.duration("session-duration");
    options.default_token_lifetime = values.duration("default-token-lifetime");
    options.max_token_lifetime = values.duration("max-token-lifetime");
    options.max_admin_token_lifetime = values.duration("max-admin-token-lifetime");
    options.reaper_interval = values.duration("job-hang-detector-interval");
    options.disable_password_auth = values.boolean("disable-password-auth");
    options.secure_cookie = values.boolean("secure-auth-cookie");
    options.ssh_hostname_prefix = values.text("ssh-hostname-prefix");
    options.ssh_hostname_suffix = values.text("workspace-hostname-suffix");
    auto ssh = ssh_options(values.list("ssh-config-options"));
    if (!ssh) return ssh.error();
    options.ssh_config_options = *ssh;
    options.experiments = values.list("experiments");
    options.enable_terraform_debug_mode = values.boolean("enable-terraform-debug-mode");
    return options;
}

}  // namespace

std::filesystem::path default_cache_dir() {
    if (const char* systemd = std::getenv("CACHE_DIRECTORY"); systemd != nullptr && *systemd != '\0')
        return std::filesystem::path(systemd) / "coder";
    if (const char* xdg = std::getenv("XDG_CACHE_HOME"); xdg != nullptr && *xdg != '\0')
        return std::filesystem::path(xdg) / "coder";
    const char* home = std::getenv("HOME");
    return std::filesystem::path(home != nullptr ? home : "/tmp") / ".cache" / "coder";
}

Result<coderd::ServerOptions> parse_server_options(const OptionTexts& given) {
    if (auto checked = check(given); !checked) return checked.error();
    OptionTexts texts = with_current_names(given);
    if (auto checked = check_protections(texts); !checked) return checked.error();
    auto options = read_values(Values(texts));
    if (!options) return options;
    options->set_options = std::move(texts);
    if (auto checked = check_together(*options); !checked) return checked.error();
    return options;
}

std::vector<std::string> options_without_effect(const OptionTexts& texts) {
    Values values(texts);
    auto read = read_values(values);
    (void)read;
    std::vector<std::string> idle;
    for (const auto& [flag, text] : texts) {
        const auto* option = coderd::find_option(flag);
        bool elsewhere =
            std::find(std::begin(read_elsewhere), std::end(read_elsewhere), flag) != std::end(read_elsewhere);
        if (option == nullptr || elsewhere || values.asked().contains(flag) || is_default(*option, text))
            continue;
        idle.push_back("--" + flag);
    }
    return idle;
}

std::string option_text(const OptionTexts& texts, std::string_view flag) {
    Values values(texts);
    // Its default depends on the machine.
    if (flag == "cache-dir" && !values.given(flag)) return default_cache_dir().string();
    return values.text(flag);
}

base::Duration duration_option(const OptionTexts& texts, std::string_view flag) {
    return Values(texts).duration(flag);
}

}  // namespace berth::cli
