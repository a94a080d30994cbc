#pragma once

#include <string>
#include <utility>

#include "base/result.h"

namespace berth::coderd {

/// Gathers what is wrong with a request, so that one answer names all bad fields.
class Complaints {
public:
    explicit Complaints(std::string message) : error_(invalid_argument(std::move(message))) {}
    void add(std::string field, std::string problem) {
        if (!problem.empty()) std::move(error_).with_field(std::move(field), std::move(problem));
    }
    [[nodiscard]] bool any() const { return !error_.fields().empty(); }
    [[nodiscard]] const Error& error() const { return error_; }

private:
    Error error_;
};

}  // namespace berth::coderd
