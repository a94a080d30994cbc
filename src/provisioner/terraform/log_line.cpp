#include "provisioner/terraform/log_line.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/text.h"
#include "provisioner/terraform/json_access.h"
#include "provisioner/terraform/variable_files.h"

namespace berth::terraform {
namespace {

namespace json = boost::json;
namespace pb = ::provisioner;

constexpr std::size_t max_text = 64 << 10;

std::string bounded(std::string_view text) {
    bool cut = text.size() > max_text;
    auto valid = base::to_valid_utf8(text.substr(0, max_text));
    return cut ? valid + " … (cut)" : valid;
}

pb::LogLevel level_of(std::string_view name) {
    if (name == "trace") return pb::TRACE;
    if (name == "debug") return pb::DEBUG;
    if (name == "warn") return pb::WARN;
    if (name == "error") return pb::ERROR;
    return pb::INFO;
}

Diagnostic read_diagnostic(const json::object& object) {
    Diagnostic diagnostic;
    diagnostic.error = text_of(object, "severity") != "warning";
    diagnostic.summary = bounded(text_of(object, "summary"));
    diagnostic.detail = bounded(text_of(object, "detail"));
    diagnostic.address = bounded(text_of(object, "address"));
    if (const auto* range = object_of(object, "range")) {
        diagnostic.file = bounded(text_of(*range, "filename"));
        if (const auto* start = object_of(*range, "start"))
            diagnostic.line = static_cast<int>(int_of(*start, "line"));
    }
    if (const auto* snippet = object_of(object, "snippet")) {
        diagnostic.context = bounded(text_of(*snippet, "context"));
        // There is nothing but values in such a file, and some are secret.
        if (!is_variable_file(diagnostic.file))
            diagnostic.code = bounded(base::trim(text_of(*snippet, "code")));
    }
    return diagnostic;
}

std::optional<HookEvent> read_hook(std::string_view type, const json::object& line) {
    HookEvent event;
    if (type == "apply_start" || type == "refresh_start") {
        event.kind = HookEvent::Kind::start;
    } else if (type == "apply_complete" || type == "refresh_complete") {
        event.kind = HookEvent::Kind::complete;
    } else if (type == "apply_errored") {
        event.kind = HookEvent::Kind::failed;
    } else {
        return std::nullopt;
    }
    const auto* hook = object_of(line, "hook");
    if (hook == nullptr) return std::nullopt;
    event.action = type.starts_with("refresh") ? "refresh" : bounded(text_of(*hook, "action"));
    if (const auto* resource = object_of(*hook, "resource")) {
        event.address = bounded(text_of(*resource, "addr"));
        event.provider = bounded(text_of(*resource, "implied_provider"));
    }
    event.at = base::parse_rfc3339(text_of(line, "@timestamp"));
    return event;
}

/// The level of a line of TF_LOG: "2026-01-02T03:04:05.678+0100 [DEBUG] …".
std::optional<pb::LogLevel> internal_level(std::string_view line) {
    auto space = line.find(' ');
    bool has_time = space != std::string_view::npos && space > 20 && line[4] == '-' && line[10] == 'T';
    if (!has_time) return std::nullopt;
    line.remove_prefix(space + 1);
    auto end = line.find(']');
    if (!line.starts_with('[') || end == std::string_view::npos) return std::nullopt;
    auto name = line.substr(1, end - 1);
    for (std::string_view known : {"TRACE", "DEBUG", "INFO", "WARN", "ERROR"})
        if (name == known) return level_of(base::to_lower(name));
    return std::nullopt;
}

/// What repeats on every build without meaning anything to its reader.
bool is_chatter(std::string_view type) {
    return type == "version" || type == "outputs" || type == "refresh_complete" ||
           type == "provision_complete";
}

/// What a resource became since the last build, without terraform. That an agent's token is new each time is
/// nobody's news.
void describe_drift(const json::object& line, LogLine& out) {
    const auto* change = object_of(line, "change");
    const auto* resource = change != nullptr ? object_of(*change, "resource") : nullptr;
    bool ours = resource == nullptr || text_of(*resource, "resource_type").starts_with("coder_");
    if (ours) {
        out.level = pb::DEBUG;
        return;
    }
    out.level = pb::WARN;
    out.text =
        fmt::format("{} was {} outside of this workspace's builds", bounded(text_of(*resource, "addr")),
                    text_of(*change, "action") == "delete" ? "deleted" : "changed");
}

}  // namespace

std::string Diagnostic::full_text() const {
    std::string text = fmt::format("{}: {}", error ? "Error" : "Warning", summary);
    if (!file.empty()) {
        text += fmt::format("\n  on {} line {}", file, line);
        if (!context.empty()) text += ", in " + context;
        text += ":";
        if (!code.empty()) text += fmt::format("\n  {}: {}", line, code);
    }
    if (!address.empty()) text += fmt::format("\n  with {}", address);
    if (!detail.empty()) text += "\n" + detail;
    return text;
}

std::string Diagnostic::short_text() const {
    std::string text;
    if (!file.empty()) text += fmt::format("{}:{}: ", file, line);
    text += summary;
    if (!detail.empty()) text += ": " + detail;
    if (!address.empty()) text += " (" + address + ")";
    return text;
}

LogLine parse_log_line(std::string_view line) {
    LogLine out;
    line = base::trim(line);
    if (line.empty()) return out;
    json::value parsed;
    boost::system::error_code failed(json::error::syntax);
    json::parse_options options;
    options.max_depth = 64;
    if (line.front() == '{') parsed = json::parse(line, failed, {}, options);
    if (failed || !parsed.is_object()) {
        out.text = bounded(line);
        auto level = internal_level(line);
        out.internal = level.has_value();
        out.level = level.value_or(pb::INFO);
        return out;
    }
    const auto& object = parsed.get_object();
    auto type = text_of(object, "type");
    out.level = level_of(text_of(object, "@level"));
    out.text = bounded(base::trim(text_of(object, "@message")));
    if (is_chatter(type)) out.level = pb::DEBUG;
    if (type == "resource_drift") describe_drift(object, out);
    out.hook = read_hook(type, object);
    if (type == "diagnostic") {
        if (const auto* diagnostic = object_of(object, "diagnostic")) {
            out.diagnostic = read_diagnostic(*diagnostic);
            out.text = out.diagnostic->full_text();
        }
    }
    return out;
}

}  // namespace berth::terraform
