#include "sdk/response.h"

namespace berth::sdk {

const TypeInfo& describe(const ValidationError*) {
    using T = ValidationError;
    static const TypeInfo info = object("ValidationError", {
        field("field", &T::field),
        field("detail", &T::detail),
    });
    return info;
}

const TypeInfo& describe(const Response*) {
    using T = Response;
    static const TypeInfo info = object("Response", {
        field("message", &T::message),
        field("detail", &T::detail).omitempty(),
        field("validations", &T::validations).omitempty(),
    });
    return info;
}

const TypeInfo& describe(const ServerSentEventType*) {
    static constexpr std::string_view values[] = {"", "ping", "data", "error", "unknown"};
    static const TypeInfo info = enumeration("ServerSentEventType", values);
    return info;
}

const TypeInfo& describe(const ServerSentEvent*) {
    using T = ServerSentEvent;
    static const TypeInfo info = object("ServerSentEvent", {
        field("type", &T::type),
        field("data", &T::data),
    });
    return info;
}

const TypeInfo& describe(const Pagination*) {
    using T = Pagination;
    static const TypeInfo info = object("Pagination", {
        field("after_id", &T::after_id).omitempty(),
        field("limit", &T::limit).omitempty(),
        field("offset", &T::offset).omitempty(),
    });
    return info;
}

}  // namespace berth::sdk
