// Tables of the types that need none of their own.
#include <utility>

#include "sdk/codec.h"

namespace berth::sdk {
namespace {

template <class T>
TypeInfo integer_type(std::string_view name) {
    return TypeInfo{
        .kind = Kind::integer,
        .name = name,
        .get_integer =
            [](const void* value) { return static_cast<std::int64_t>(*static_cast<const T*>(value)); },
        .set_integer =
            [](void* value, std::int64_t number) {
                if (!std::in_range<T>(number)) return false;
                *static_cast<T*>(value) = static_cast<T>(number);
                return true;
            },
    };
}

}  // namespace

const TypeInfo& describe(const bool*) {
    static const TypeInfo info{.kind = Kind::boolean, .name = "bool"};
    return info;
}
const TypeInfo& describe(const std::int32_t*) {
    static const TypeInfo info = integer_type<std::int32_t>("int32");
    return info;
}
const TypeInfo& describe(const std::int64_t*) {
    static const TypeInfo info = integer_type<std::int64_t>("int64");
    return info;
}
const TypeInfo& describe(const std::uint16_t*) {
    static const TypeInfo info = integer_type<std::uint16_t>("uint16");
    return info;
}
const TypeInfo& describe(const double*) {
    static const TypeInfo info{.kind = Kind::number, .name = "float64"};
    return info;
}
const TypeInfo& describe(const std::string*) {
    static const TypeInfo info{.kind = Kind::text, .name = "string"};
    return info;
}
const TypeInfo& describe(const Uuid*) {
    static const TypeInfo info{.kind = Kind::uuid, .name = "uuid"};
    return info;
}
const TypeInfo& describe(const base::Time*) {
    static const TypeInfo info{.kind = Kind::time, .name = "time"};
    return info;
}
const TypeInfo& describe(const base::Duration*) {
    static const TypeInfo info{.kind = Kind::duration, .name = "duration"};
    return info;
}
const TypeInfo& describe(const Bytes*) {
    static const TypeInfo info{.kind = Kind::bytes, .name = "bytes"};
    return info;
}
const TypeInfo& describe(const RawJson*) {
    static const TypeInfo info{.kind = Kind::raw, .name = "json"};
    return info;
}

}  // namespace berth::sdk
