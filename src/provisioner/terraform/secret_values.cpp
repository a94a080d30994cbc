#include "provisioner/terraform/secret_values.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

#include <fmt/format.h>

#include "base/crypto.h"
#include "base/text.h"

namespace berth::terraform {
namespace {

/// A line of a secret may be a word of any language.
constexpr std::size_t shortest_line = 8;
constexpr std::size_t shortest_value = 6;

using Texts = std::set<std::string, std::less<>>;

/// Whose quoted strings.
enum class Quotes { json, go_json, go };
constexpr std::array all_quotes{Quotes::json, Quotes::go_json, Quotes::go};

std::string escaped(unsigned char c, Quotes quotes) {
    bool is_go = quotes == Quotes::go;
    constexpr std::string_view common = "\"\"\\\\\nn\rr\tt\bb\ff";
    constexpr std::string_view of_go = "\aa\vv";
    for (auto names : {common, is_go ? of_go : std::string_view()})
        for (std::size_t i = 0; i < names.size(); i += 2)
            if (static_cast<unsigned char>(names[i]) == c) return {'\\', names[i + 1]};
    if (c < 0x20) return is_go ? fmt::format("\\x{:02x}", c) : fmt::format("\\u{:04x}", c);
    if (c == 0x7f && is_go) return "\\x7f";
    bool is_html = c == '<' || c == '>' || c == '&';
    if (is_html && quotes == Quotes::go_json) return fmt::format("\\u{:04x}", c);
    return std::string(1, static_cast<char>(c));
}

/// As the text stands between the quotes.
std::string quoted(std::string_view text, Quotes quotes) {
    std::string out;
    for (char c : text)
        out += escaped(static_cast<unsigned char>(c), quotes);
    if (quotes == Quotes::json) return out;
    // The two ends of lines that only Unicode has.
    out = base::replace_all(std::move(out), "\u2028", "\\u2028");
    return base::replace_all(std::move(out), "\u2029", "\\u2029");
}

void add_quoted(Texts& out, std::string_view text) {
    out.emplace(text);
    for (auto inner : all_quotes) {
        auto once = quoted(text, inner);
        for (auto outer : all_quotes)
            out.insert(quoted(once, outer));
        out.insert(std::move(once));
    }
}

void add_forms(Texts& out, std::string_view value) {
    auto core = base::trim(value);
    if (core.size() < shortest_value) return;
    add_quoted(out, value);
    add_quoted(out, core);
    out.insert(base::base64_encode(value));
    for (auto line : base::split(core, '\n')) {
        line = base::trim(line);
        if (line.size() >= shortest_line && line.size() < core.size()) add_quoted(out, line);
    }
}

}  // namespace

std::vector<std::string> secret_values(const provisioner::PlanRequest& inputs) {
    Texts texts;
    const auto& metadata = inputs.metadata();
    add_forms(texts, metadata.workspace_owner_session_token());
    add_forms(texts, metadata.workspace_owner_oidc_access_token());
    add_forms(texts, metadata.workspace_owner_ssh_private_key());
    for (const auto& agent : metadata.running_agent_auth_tokens())
        add_forms(texts, agent.token());
    for (const auto& secret : inputs.user_secrets())
        add_forms(texts, secret.value());
    for (const auto& account : inputs.external_auth_providers())
        add_forms(texts, account.access_token());
    for (const auto& variable : inputs.variable_values())
        if (variable.sensitive()) add_forms(texts, variable.value());
    std::vector<std::string> values(texts.begin(), texts.end());
    // One may be a part of another.
    std::sort(values.begin(), values.end(),
              [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
    return values;
}

std::string without_secrets(std::string text, const std::vector<std::string>& secrets) {
    for (const auto& secret : secrets)
        text = base::replace_all(std::move(text), secret, "***");
    return text;
}

}  // namespace berth::terraform
