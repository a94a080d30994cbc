#pragma once

#include <concepts>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "base/uuid.h"

// Each REST type is described once, by a table of its fields; encoding, decoding, validation, OpenAPI and
// TypeScript all read that table. To add a type: a plain struct, `const TypeInfo& describe(const Struct*)`
// beside it, the table in the .cpp, and its line in types.cpp.
//
// What JSON looks like follows Go: lists and maps are never null, `omitempty` leaves out false, 0, "", null,
// [] and {} (but never times, identifiers and structs), times are RFC 3339 with zero_time as "not set",
// durations are integer nanoseconds, and every enum begins with `unset` (the empty text) and ends with
// `unknown` (a text this version does not know, accepted from servers only).

namespace berth::sdk {

/// Bytes that travel as base64.
struct Bytes {
    std::string data;
    bool operator==(const Bytes&) const = default;
};

/// Any JSON value, kept as it came. Empty stands for null.
struct RawJson {
    std::string text;
    bool operator==(const RawJson&) const = default;
};

/// How "no time" travels: 0001-01-01T00:00:00Z.
inline constexpr base::Time zero_time = std::chrono::sys_days(std::chrono::year(1) / 1 / 1);

enum class Kind : std::uint8_t {
    boolean,
    integer,
    number,
    text,
    uuid,
    time,
    duration,
    bytes,
    raw,
    enumeration,
    converted,  ///< a struct that travels as one text
    object,
    optional,
    list,
    map,
};

/// Rules on the content of a field in requests, beyond its type.
enum class Check : std::uint8_t {
    none,
    username,
    template_name,
    template_version_name,
    workspace_name,
    organization_name,
    group_name,
    oauth2_app_name,
    display_name,
    real_name,
    email,
    http_url,
};

struct TypeInfo;
using TypeGetter = const TypeInfo& (*)();

/// One row of a type's table.
struct Field {
    std::string_view name;
    std::size_t offset = 0;
    TypeGetter type = nullptr;
    /// The fields of this base class stand here, in the same object.
    bool is_embedded = false;
    bool may_be_omitted = false;
    /// Written as null although it may be omitted (Go's NullTime and NullUUID).
    bool always_written = false;
    /// Read from requests, never written.
    bool only_read = false;
    bool is_required = false;
    Check content = Check::none;
    /// Most characters of a text; 0 for no limit.
    std::size_t longest = 0;
    std::string_view needed_without;
    std::string_view forbidden_with;
    /// The name of the set of texts a plain text belongs to.
    std::string_view vocabulary;

    Field omitempty() const {
        return with([](Field& f) { f.may_be_omitted = true; });
    }
    Field writes_null() const {
        return with([](Field& f) { f.always_written = true; });
    }
    Field read_only() const {
        return with([](Field& f) { f.only_read = true; });
    }
    Field required() const {
        return with([](Field& f) { f.is_required = true; });
    }
    Field check(Check check) const {
        return with([=](Field& f) { f.content = check; });
    }
    Field at_most(std::size_t characters) const {
        return with([=](Field& f) { f.longest = characters; });
    }
    /// Must be set when the field `other` is not; must not be set when it is.
    Field required_without(std::string_view other) const {
        return with([=](Field& f) { f.needed_without = other; });
    }
    Field excluded_with(std::string_view other) const {
        return with([=](Field& f) { f.forbidden_with = other; });
    }
    /// Texts of a named set that grows with versions ("RBACResource"); documents show the name.
    Field of(std::string_view name) const {
        return with([=](Field& f) { f.vocabulary = name; });
    }

private:
    template <class Change>
    Field with(Change change) const {
        Field copy = *this;
        change(copy);
        return copy;
    }
};

/// A type as the codec sees it. Which members are set depends on `kind`.
struct TypeInfo {
    Kind kind;
    std::string_view name;
    /// object: its table.
    std::span<const Field> fields = {};
    /// object: completes a value after reading.
    void (*normalize)(void*) = nullptr;
    /// enumeration: the text of each value; the first is "", the last is for unknown texts.
    std::span<const std::string_view> values = {};
    /// enumeration: the last value is a real one as well (its text is "unknown" on the wire too).
    bool unknown_is_real = false;
    /// optional, list, map: what they hold.
    TypeGetter element = nullptr;

    std::int64_t (*get_integer)(const void*) = nullptr;
    bool (*set_integer)(void*, std::int64_t) = nullptr;
    std::string (*to_text)(const void*) = nullptr;
    bool (*from_text)(void*, std::string_view) = nullptr;
    /// optional: null when empty. emplace: a fresh element (for a map, under the key).
    const void* (*get_optional)(const void*) = nullptr;
    void* (*emplace)(void*, std::string_view key) = nullptr;
    void (*clear)(void*) = nullptr;
    std::size_t (*size)(const void*) = nullptr;
    /// list, map: calls visit(context, key, element) in order; keys are empty for lists.
    void (*each)(const void*, void (*visit)(void*, std::string_view, const void*), void* context) = nullptr;
};

struct DecodeOptions {
    std::size_t max_depth = 32;
    std::size_t max_size = 256 << 20;
    /// Entries of lists and maps, all together.
    std::size_t max_elements = 1'000'000;
    /// Texts unknown to an enum become its `unknown` instead of an error, and nothing is validated: for
    /// answers of a server, which may be newer.
    bool tolerant = false;
};

// The type-erased codec. `value` points to an object of the described type.
std::string encode(const TypeInfo& type, const void* value);
Result<void> decode(const TypeInfo& type, std::string_view text, void* value, const DecodeOptions& options);

// Tables of types without one of their own.
const TypeInfo& describe(const bool*);
const TypeInfo& describe(const std::int32_t*);
const TypeInfo& describe(const std::int64_t*);
const TypeInfo& describe(const std::uint16_t*);
const TypeInfo& describe(const double*);
const TypeInfo& describe(const std::string*);
const TypeInfo& describe(const Uuid*);
const TypeInfo& describe(const base::Time*);
const TypeInfo& describe(const base::Duration*);
const TypeInfo& describe(const Bytes*);
const TypeInfo& describe(const RawJson*);
template <class T>
const TypeInfo& describe(const std::optional<T>*);
template <class T>
const TypeInfo& describe(const std::vector<T>*);
template <class T>
const TypeInfo& describe(const std::map<std::string, T>*);

template <class T>
const TypeInfo& type_info() {
    return describe(static_cast<const T*>(nullptr));
}

template <class T>
std::string encode(const T& value) {
    return encode(type_info<T>(), &value);
}

/// Reads a request: invalid_argument with the JSON path of each bad field. Fields not in the table are
/// ignored, null leaves a field as it is, and the last of duplicate keys wins.
template <class T>
Result<T> decode(std::string_view text, const DecodeOptions& options = {}) {
    T value{};
    auto done = decode(type_info<T>(), text, &value, options);
    if (!done) return done.error();
    return value;
}

/// Reads an answer of a server (DecodeOptions::tolerant).
template <class T>
Result<T> decode_response(std::string_view text) {
    return decode<T>(text, DecodeOptions{.tolerant = true});
}

template <class E>
concept Enumeration = std::is_enum_v<E> && requires(const E* e) {
    { describe(e) } -> std::same_as<const TypeInfo&>;
};

/// The text on the wire; "" for `unset`.
template <Enumeration E>
std::string_view to_string(E value) {
    const auto& values = type_info<E>().values;
    auto at = static_cast<std::size_t>(value);
    return at < values.size() ? values[at] : values.back();
}

/// nullopt for a text that is none of the enum's; "" gives `unset`.
template <Enumeration E>
std::optional<E> parse_enum(std::string_view text) {
    const TypeInfo& type = type_info<E>();
    std::size_t known = type.values.size() - (type.unknown_is_real ? 0 : 1);
    for (std::size_t at = 0; at < known; ++at)
        if (type.values[at] == text) return static_cast<E>(at);
    return std::nullopt;
}

// What the tables are written with.

template <class T, class M>
Field field(std::string_view name, M T::*member) {
    alignas(T) unsigned char place[sizeof(T)];
    const auto* object = reinterpret_cast<const T*>(place);
    const auto* at = reinterpret_cast<const unsigned char*>(&(object->*member));
    return Field{.name = name, .offset = static_cast<std::size_t>(at - place), .type = &type_info<M>};
}

template <class T, class Base>
Field embedded() {
    alignas(T) unsigned char place[sizeof(T)];
    const auto* base = static_cast<const Base*>(reinterpret_cast<const T*>(place));
    const auto* at = reinterpret_cast<const unsigned char*>(base);
    return Field{.name = {},
                 .offset = static_cast<std::size_t>(at - place),
                 .type = &type_info<Base>,
                 .is_embedded = true};
}

/// `fields` must live as long as the program.
TypeInfo object(std::string_view name, std::span<const Field> fields, void (*normalize)(void*) = nullptr);
/// `values` has the text of each enumerator: "" first, "unknown" last; `unknown_is_real` says that the latter
/// is on the wire too.
template <std::size_t N>
TypeInfo enumeration(std::string_view name, const std::string_view (&values)[N],
                     bool unknown_is_real = false) {
    return TypeInfo{
        .kind = Kind::enumeration, .name = name, .values = values, .unknown_is_real = unknown_is_real};
}

template <class T>
const TypeInfo& describe(const std::optional<T>*) {
    using Self = std::optional<T>;
    static const TypeInfo info{
        .kind = Kind::optional,
        .name = {},
        .element = &type_info<T>,
        .get_optional = [](const void* value) -> const void* {
            const auto& self = *static_cast<const Self*>(value);
            return self ? &*self : nullptr;
        },
        .emplace = [](void* value, std::string_view) -> void* {
            return &static_cast<Self*>(value)->emplace();
        },
        .clear = [](void* value) { static_cast<Self*>(value)->reset(); },
    };
    return info;
}

template <class T>
const TypeInfo& describe(const std::vector<T>*) {
    using Self = std::vector<T>;
    static const TypeInfo info{
        .kind = Kind::list,
        .name = {},
        .element = &type_info<T>,
        .emplace = [](void* value, std::string_view) -> void* {
            return &static_cast<Self*>(value)->emplace_back();
        },
        .clear = [](void* value) { static_cast<Self*>(value)->clear(); },
        .size = [](const void* value) { return static_cast<const Self*>(value)->size(); },
        .each =
            [](const void* value, void (*visit)(void*, std::string_view, const void*), void* context) {
                for (const auto& element : *static_cast<const Self*>(value))
                    visit(context, {}, &element);
            },
    };
    return info;
}

template <class T>
const TypeInfo& describe(const std::map<std::string, T>*) {
    using Self = std::map<std::string, T>;
    static const TypeInfo info{
        .kind = Kind::map,
        .name = {},
        .element = &type_info<T>,
        .emplace = [](void* value, std::string_view key) -> void* {
            return &static_cast<Self*>(value)->insert_or_assign(std::string(key), T{}).first->second;
        },
        .clear = [](void* value) { static_cast<Self*>(value)->clear(); },
        .size = [](const void* value) { return static_cast<const Self*>(value)->size(); },
        .each =
            [](const void* value, void (*visit)(void*, std::string_view, const void*), void* context) {
                for (const auto& [key, element] : *static_cast<const Self*>(value))
                    visit(context, key, &element);
            },
    };
    return info;
}

}  // namespace berth::sdk
