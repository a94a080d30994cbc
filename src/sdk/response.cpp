#include "sdk/response.h"

namespace berth::sdk {

const TypeInfo& describe(const ValidationError*) {
    using T = ValidationError;
    static const Field fields[] = {
        field("field", &T::field),
        field("detail", &T::detail),
    };
    static const TypeInfo info = object("ValidationError", fields);
    return info;
}

const TypeInfo& describe(const Response*) {
    using T = Response;
    static const Field fields[] = {
        field("message", &T::message),
        field("detail", &T::detail).omitempty(),
        field("validations", &T::validations).omitempty(),
    };
    static const TypeInfo info = object("Response", fields);
    return info;
}

const TypeInfo& describe(const ServerSentEventType*) {
    static constexpr std::string_view values[] = {"", "ping", "data", "error", "unknown"};
    static const TypeInfo info = enumeration("ServerSentEventType", values);
    return info;
}

const TypeInfo& describe(const ServerSentEvent*) {
    using T = ServerSentEvent;
    static const Field fields[] = {
        field("type", &T::type),
        field("data", &T::data),
    };
    static const TypeInfo info = object("ServerSentEvent", fields);
    return info;
}

const TypeInfo& describe(const Pagination*) {
    using T = Pagination;
    static const Field fields[] = {
        field("after_id", &T::after_id).omitempty(),
        field("limit", &T::limit).omitempty(),
        field("offset", &T::offset).omitempty(),
    };
    static const TypeInfo info = object("Pagination", fields);
    return info;
}

}  // namespace berth::sdk
