#pragma once

#include <string>

#include <CLI/CLI.hpp>

#include "base/time.h"
#include "sdk/codec.h"

namespace berth::cli {

class Session;
class Table;

/// `--output table|json` of commands that list or show.
struct OutputFormat {
    std::string name = "table";
    std::vector<std::string> columns;
    void add_to(CLI::App* command);
    /// `--column` as well, for a command that prints its one table by print().
    void add_to_list(CLI::App* command);
    Result<void> print(const Session& session, const Table& table) const;
    [[nodiscard]] bool json() const { return name == "json"; }
};

/// "just now", "5m ago", "3h ago", "2d ago"; "never" for a time that is not set.
std::string time_ago(base::Time time);

/// Indents a JSON text for people.
std::string pretty_json(std::string_view json);

template <class T>
std::string json_text(const T& value) {
    return pretty_json(sdk::encode(value)) + "\n";
}

}  // namespace berth::cli
