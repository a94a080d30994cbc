#include "coderd/secrets/rules.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace berth::coderd {
namespace {

constexpr std::size_t max_name = 64;
constexpr std::size_t max_variable = 256;
constexpr std::size_t max_path = 1024;

constexpr std::string_view variable_prefix = "CODER_SECRET_ENV_";
constexpr std::string_view file_prefix = "CODER_SECRET_FILE_";

/// In small letters: some shells and languages do not tell them apart.
constexpr std::array<std::string_view, 13> reserved_variables{
    "path",     "home",     "user", "logname", "shell", "pwd", "term", "ld_preload", "ld_library_path",
    "ld_audit", "bash_env", "env",  "ifs"};
constexpr std::array<std::string_view, 3> reserved_prefixes{"coder_", "tf_", "berth_"};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

std::string secret_name_problem(std::string_view name) {
    if (name.empty()) return "is required";
    if (name.size() > max_name) return "has more than 64 characters";
    bool good = std::all_of(name.begin(), name.end(), [](char c) {
        return is_letter(c) || is_digit(c) || c == '-' || c == '_' || c == '.';
    });
    // The name is a part of paths.
    if (!good || name == "." || name == "..") return "may have letters, digits, '-', '_' and '.'";
    return "";
}

std::string secret_variable_problem(std::string_view name) {
    if (name.empty()) return "";
    if (name.size() > max_variable) return "has more than 256 characters";
    bool good = !is_digit(name.front()) && std::all_of(name.begin(), name.end(), [](char c) {
        return is_letter(c) || is_digit(c) || c == '_';
    });
    if (!good) return "must be letters, digits and '_', and not begin with a digit";
    auto small = base::to_lower(name);
    bool reserved =
        std::find(reserved_variables.begin(), reserved_variables.end(), small) != reserved_variables.end() ||
        std::any_of(reserved_prefixes.begin(), reserved_prefixes.end(),
                    [&small](std::string_view prefix) { return small.starts_with(prefix); });
    return reserved ? "is reserved" : "";
}

std::string secret_path_problem(std::string_view path) {
    if (path.empty()) return "";
    if (path.size() > max_path) return "has more than 1024 characters";
    if (!path.starts_with('/') && !path.starts_with("~/")) return "must begin with / or ~/";
    if (path.ends_with('/')) return "must name a file";
    for (char c : path)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return "holds a control character";
    for (auto part : base::split(path, '/'))
        if (part == "." || part == "..") return "may not hold . and .. as a folder";
    for (std::string_view system : {"/proc/", "/sys/", "/dev/"})
        if (path.starts_with(system)) return "is not a place for files";
    return "";
}

std::string secret_value_problem(std::string_view value) {
    if (value.empty()) return "is required";
    if (value.size() > max_secret_value) return "has more than 64 KiB";
    if (value.find('\0') != std::string_view::npos) return "holds a NUL byte";
    return "";
}

std::size_t secret_environment_size(const db::UserSecretSummary& secret) {
    auto value = static_cast<std::size_t>(secret.value_size);
    std::size_t size = 0;
    if (!secret.env_name.empty()) size += variable_prefix.size() + secret.env_name.size() + value + 2;
    // The path travels as hexadecimal digits.
    if (!secret.file_path.empty()) size += file_prefix.size() + 2 * secret.file_path.size() + value + 2;
    return size;
}

Result<void> check_secret_limits(const std::vector<db::UserSecretSummary>& secrets) {
    if (secrets.size() > max_user_secrets)
        return invalid_argument("There are too many secrets.")
            .with_field("name", "at most " + std::to_string(max_user_secrets) + " secrets are kept");
    std::size_t size = 0;
    for (const auto& secret : secrets)
        size += secret_environment_size(secret);
    if (size > max_secrets_size)
        return invalid_argument("The secrets are too large.")
            .with_field("value", "all secrets together may take " + std::to_string(max_secrets_size >> 10) +
                                     " KiB in a workspace, with this one they take " +
                                     std::to_string((size + 1023) >> 10));
    return {};
}

}  // namespace berth::coderd
