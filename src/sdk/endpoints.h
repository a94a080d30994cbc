#pragma once

#include <span>
#include <string_view>

#include "net/http/message.h"

namespace berth::sdk {

/// A route that clients of the API know.
struct Endpoint {
    http::Method method;
    /// "/api/v2/users/{user}/keys"
    std::string_view path;
    /// What the Go SDK calls it.
    std::string_view name;
};

/// All routes of the public client library. Some stand here under several names, and some differ in the names
/// of their {placeholders} only.
std::span<const Endpoint> endpoints();

}  // namespace berth::sdk
