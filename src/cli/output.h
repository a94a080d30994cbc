#pragma once

#include <string>

#include <CLI/CLI.hpp>

#include "base/time.h"
#include "sdk/codec.h"

namespace berth::cli {

/// `--output table|json` of commands that list or show.
struct OutputFormat {
    std::string name = "table";
    void add_to(CLI::App* command);
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
