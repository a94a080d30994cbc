#pragma once

#include <span>
#include <string_view>

namespace berth::coderd {

/// What the text of an option must be. `list` is comma-separated, `duration` is Go's notation, `choice` is
/// one of choices_of().
enum class OptionKind { text, boolean, integer, duration, list, url, json, choice };

inline constexpr unsigned option_hidden = 1;
/// Its value is never shown: not by the API, not in logs.
inline constexpr unsigned option_secret = 2;

/// One server option as Coder's deployments name it. The command line registers its flag and variable, the
/// deployment API lists it; what berth does not act on yet is accepted, so that existing set-ups start.
struct OptionSpec {
    std::string_view name;
    std::string_view flag;
    std::string_view short_flag;
    std::string_view env;
    std::string_view default_value;
    std::string_view yaml;
    /// Where its value stands in sdk::DeploymentValues: "tls.enable"; empty when it has no place there.
    std::string_view config;
    OptionKind kind;
    std::string_view description;
    unsigned attributes;
    /// Flag of the option that replaces this one; empty when none does.
    std::string_view use_instead;
};

std::span<const OptionSpec> option_table();
const OptionSpec* find_option(std::string_view flag);
/// The option that this one is only an old name of; null when it is none.
const OptionSpec* replacement_of(const OptionSpec& option);
/// What an option of the kind `choice` may be; empty for other kinds.
std::span<const std::string_view> choices_of(const OptionSpec& option);

}  // namespace berth::coderd
