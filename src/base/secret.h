#pragma once

#include <string>
#include <utility>

namespace berth {

/// A value that must never reach a log, an error, an argv or a list. It has no conversion and no stream
/// operator; `reveal()` is the one door, so that every use can be found. Logging it prints `***`.
template <class T>
class Secret {
public:
    Secret() = default;
    explicit Secret(T value) : value_(std::move(value)) {}

    [[nodiscard]] const T& reveal() const { return value_; }
    [[nodiscard]] bool empty() const { return value_.empty(); }
    bool operator==(const Secret&) const = default;

private:
    T value_{};
};

using SecretString = Secret<std::string>;

}  // namespace berth
