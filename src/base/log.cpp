#include "base/log.h"

#include <atomic>

#include <boost/json.hpp>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "base/clock.h"

namespace berth::base {
namespace {

/// The two outputs, both thread-safe spdlog loggers whose pattern is the bare message.
struct Sinks {
    std::shared_ptr<spdlog::logger> human;
    std::shared_ptr<spdlog::logger> json;
    LogLevel level = LogLevel::info;
};

std::shared_ptr<spdlog::logger> make_sink(const std::string& path) {
    if (path.empty()) return nullptr;
    spdlog::sink_ptr sink;
    if (path == "/dev/stderr") {
        sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    } else if (path == "/dev/stdout") {
        sink = std::make_shared<spdlog::sinks::stdout_sink_mt>();
    } else {
        sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(path);
    }
    auto logger = std::make_shared<spdlog::logger>("berth", std::move(sink));
    logger->set_pattern("%v");
    logger->set_level(spdlog::level::trace);
    logger->flush_on(spdlog::level::trace);
    return logger;
}

Sinks& sinks() {
    static Sinks instance{make_sink("/dev/stderr"), nullptr, LogLevel::info};
    return instance;
}

std::string_view level_name(LogLevel level) {
    switch (level) {
        case LogLevel::debug:
            return "debug";
        case LogLevel::info:
            return "info";
        case LogLevel::warn:
            return "warn";
        case LogLevel::error:
            return "error";
    }
    return "info";
}

boost::json::value to_json(const LogValue& value) {
    return std::visit([](const auto& held) { return boost::json::value(held); }, value);
}

/// Bare when it reads well, else quoted and escaped, so that a value can never forge another field or line.
std::string human_text(const LogValue& value) {
    std::string text;
    if (const auto* held = std::get_if<std::string>(&value)) {
        bool plain =
            !held->empty() && held->find_first_of(" =\"\\") == std::string::npos &&
            std::all_of(held->begin(), held->end(), [](unsigned char c) { return c > 0x20 && c != 0x7f; });
        return plain ? *held : boost::json::serialize(boost::json::string_view(*held));
    }
    return boost::json::serialize(to_json(value));
}

std::string printable(std::string_view message) {
    std::string text;
    for (char c : message)
        text += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    return text;
}

}  // namespace

Logger Logger::named(std::string_view child) const {
    Logger copy = *this;
    copy.name_ += '.';
    copy.name_ += child;
    return copy;
}

bool Logger::enabled(LogLevel level) { return level >= sinks().level; }

void Logger::write(LogLevel level, std::string_view message, std::vector<LogField> fields) const {
    if (!enabled(level)) return;
    auto time = format_rfc3339(system_clock().now());
    if (sinks().human) {
        std::string line =
            time + " [" + std::string(level_name(level)) + "] " + name_ + ": " + printable(message);
        for (const auto* list : {&context_, static_cast<const std::vector<LogField>*>(&fields)})
            for (const auto& entry : *list)
                line += " " + std::string(entry.key) + "=" + human_text(entry.value);
        sinks().human->info(line);
    }
    if (sinks().json) {
        boost::json::object object{
            {"ts", time}, {"level", level_name(level)}, {"logger", name_}, {"msg", message}};
        boost::json::object extra;
        for (const auto* list : {&context_, static_cast<const std::vector<LogField>*>(&fields)})
            for (const auto& entry : *list)
                extra[entry.key] = to_json(entry.value);
        object["fields"] = std::move(extra);
        sinks().json->info(boost::json::serialize(object));
    }
}

Result<void> init_logging(const LogOptions& options) {
    try {
        sinks() = Sinks{make_sink(options.human_path), make_sink(options.json_path), options.level};
    } catch (const spdlog::spdlog_ex& failure) {
        return invalid_argument("the log file cannot be opened", failure.what());
    }
    return {};
}

}  // namespace berth::base
