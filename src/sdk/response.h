#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sdk/codec.h"

namespace berth::sdk {

struct ValidationError {
    std::string field;
    std::string detail;
};
const TypeInfo& describe(const ValidationError*);

/// What errors look like, and successes that have nothing but a message.
struct Response {
    std::string message;
    std::string detail;
    std::vector<ValidationError> validations;
};
const TypeInfo& describe(const Response*);

enum class ServerSentEventType : std::uint8_t { unset, ping, data, error, unknown };
const TypeInfo& describe(const ServerSentEventType*);

struct ServerSentEvent {
    ServerSentEventType type{};
    RawJson data;
};
const TypeInfo& describe(const ServerSentEvent*);

/// How lists are cut: `limit` 0 means all.
struct Pagination {
    Uuid after_id;
    std::int64_t limit = 0;
    std::int64_t offset = 0;
};
const TypeInfo& describe(const Pagination*);

}  // namespace berth::sdk
