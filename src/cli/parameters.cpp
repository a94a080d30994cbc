#include "cli/parameters.h"

#include <algorithm>

#include "cli/table.h"
#include "cli/workspace.h"

namespace berth::cli {
namespace {

std::string question_for(const sdk::TemplateVersionParameter& parameter) {
    std::string text = printable(parameter.display_name.empty() ? parameter.name : parameter.display_name);
    if (!parameter.description.empty()) text += " (" + printable(parameter.description_plaintext) + ")";
    text += "\n";
    for (const auto& option : parameter.options)
        text += "  " + printable(option.value) + ": " + printable(option.name) + "\n";
    return text + (parameter.default_value.empty() ? "Value: "
                                                   : "Value [" + printable(parameter.default_value) + "]: ");
}

bool has(const ParameterValues& values, const std::string& name) {
    return std::any_of(values.begin(), values.end(), [&](const auto& value) { return value.name == name; });
}

}  // namespace

Result<ParameterValues> parse_parameters(const std::vector<std::string>& texts) {
    auto pairs = parse_pairs(texts, "--parameter");
    if (!pairs) return pairs.error();
    ParameterValues values;
    for (auto& [name, value] : *pairs)
        values.push_back({name, value});
    return values;
}

asio::awaitable<Result<void>> ask_for_parameters(Session& session, sdk::Client& client, Uuid version,
                                                 Ask which, const ParameterValues& settled,
                                                 ParameterValues& values) {
    if (!session.interactive()) co_return Result<void>();
    auto definitions = co_await client.rich_parameters(version);
    if (!definitions) co_return definitions.error();
    for (const auto& definition : *definitions) {
        if (definition.ephemeral || has(values, definition.name) || has(settled, definition.name)) continue;
        if (which == Ask::required && !definition.required) continue;
        auto answer = prompt(question_for(definition));
        if (!answer) co_return answer.error();
        if (answer->empty() && !definition.required) continue;
        values.push_back({definition.name, *answer});
    }
    co_return Result<void>();
}

}  // namespace berth::cli
