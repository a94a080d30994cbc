#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"
#include "base/uuid.h"

namespace berth::base {

enum class LogLevel { debug, info, warn, error };

using LogValue = std::variant<std::string, std::int64_t, double, bool>;

struct LogField {
    std::string_view key;
    LogValue value;
};

// What a field may hold. A type without an overload here, or found next to it, does not compile.
template <std::integral T>
LogValue log_value(T value) {
    if constexpr (std::same_as<T, bool>) return value;
    return static_cast<std::int64_t>(value);
}
inline LogValue log_value(double value) { return value; }
inline LogValue log_value(std::string_view value) { return std::string(value); }
inline LogValue log_value(const char* value) { return std::string(value); }
inline LogValue log_value(const std::string& value) { return value; }
inline LogValue log_value(const Uuid& value) { return value.to_string(); }
inline LogValue log_value(Time value) { return format_rfc3339(value); }
inline LogValue log_value(Duration value) { return format_go_duration(value); }
inline LogValue log_value(const Error& value) { return value.to_string(); }
template <class T>
LogValue log_value(const Secret<T>&) {
    return std::string("***");
}

template <class T>
concept Loggable = requires(const T& value) {
    { log_value(value) } -> std::convertible_to<LogValue>;
};

/// A field's name, checked while compiling: a literal in snake_case.
class LogKey {
public:
    consteval LogKey(const char* name) : name_(name) {
        if (name_.empty()) throw "a log field needs a name";
        for (char c : name_)
            if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'))
                throw "log fields are snake_case";
    }
    [[nodiscard]] std::string_view name() const { return name_; }

private:
    std::string_view name_;
};

/// Writes structured lines. Cheap to copy; carries a name and the fields of its context.
class Logger {
public:
    explicit Logger(std::string name) : name_(std::move(name)) {}

    template <std::same_as<LogField>... Fields>
    void debug(std::string_view message, Fields... fields) const {
        if (enabled(LogLevel::debug)) write(LogLevel::debug, message, {std::move(fields)...});
    }
    template <std::same_as<LogField>... Fields>
    void info(std::string_view message, Fields... fields) const {
        write(LogLevel::info, message, {std::move(fields)...});
    }
    template <std::same_as<LogField>... Fields>
    void warn(std::string_view message, Fields... fields) const {
        write(LogLevel::warn, message, {std::move(fields)...});
    }
    template <std::same_as<LogField>... Fields>
    void error(std::string_view message, Fields... fields) const {
        write(LogLevel::error, message, {std::move(fields)...});
    }

    /// The same logger, with more context on every line.
    template <std::same_as<LogField>... Fields>
    [[nodiscard]] Logger with(Fields... fields) const {
        Logger copy = *this;
        (copy.context_.push_back(std::move(fields)), ...);
        return copy;
    }
    /// "coderd" -> "coderd.provisionerd"
    [[nodiscard]] Logger named(std::string_view child) const;

private:
    [[nodiscard]] static bool enabled(LogLevel level);
    void write(LogLevel level, std::string_view message, std::vector<LogField> fields) const;

    std::string name_;
    std::vector<LogField> context_;
};

struct LogOptions {
    /// Where lines for people go: a path, "/dev/stderr", "/dev/stdout", or empty for nowhere.
    std::string human_path = "/dev/stderr";
    /// Where JSON lines go; empty for nowhere.
    std::string json_path;
    LogLevel level = LogLevel::info;
};

/// Sets where all loggers write; call once before other threads log. Until then people's lines go to stderr.
Result<void> init_logging(const LogOptions& options);

}  // namespace berth::base

namespace berth {
/// `log.info("job acquired", field("job_id", id))`
template <base::Loggable T>
base::LogField field(base::LogKey key, const T& value) {
    return {key.name(), base::log_value(value)};
}
}  // namespace berth
