#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "provisioner.pb.h"

namespace berth::terraform {

/// A problem as terraform tells it.
struct Diagnostic {
    bool error = true;
    std::string summary;
    std::string detail;
    /// The resource it is about, may be empty.
    std::string address;
    std::string file;
    int line = 0;
    /// The enclosing block ("resource \"coder_agent\" \"main\"") and the source line, may be empty.
    std::string context;
    std::string code;

    /// `Error: summary`, the place, the source line, the detail: several lines, for a build log.
    [[nodiscard]] std::string full_text() const;
    /// `main.tf:3: summary: detail (address)`, for an error message.
    [[nodiscard]] std::string short_text() const;
};

/// A step on one resource, for timings.
struct HookEvent {
    enum class Kind { start, complete, failed };
    Kind kind = Kind::start;
    std::string address;
    std::string action;
    std::string provider;
    std::optional<base::Time> at;
};

/// One line that terraform printed, made readable.
struct LogLine {
    provisioner::LogLevel level = provisioner::INFO;
    std::string text;
    std::optional<Diagnostic> diagnostic;
    std::optional<HookEvent> hook;
    /// Of terraform's own log (TF_LOG), which is about itself.
    bool internal = false;
};

/// Reads a line of `terraform … -json`, or of its own log, which has a level too. What is neither is passed
/// on as it is. The text is valid UTF-8 and bounded; empty when the line has nothing to say.
LogLine parse_log_line(std::string_view line);

}  // namespace berth::terraform
