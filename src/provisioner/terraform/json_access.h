#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

/// Reading JSON that may lack anything or hold another type: then there is the empty value.
namespace berth::terraform {

inline std::string_view text_of(const boost::json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    if (value == nullptr || !value->is_string()) return {};
    return value->get_string();
}

inline std::string string_of(const boost::json::object& object, std::string_view key) {
    return std::string(text_of(object, key));
}

inline bool bool_of(const boost::json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    return value != nullptr && value->is_bool() && value->get_bool();
}

/// Whole numbers in any notation; beyond the range the nearest limit.
inline std::int64_t int_of(const boost::json::object& object, std::string_view key) {
    using Limits = std::numeric_limits<std::int64_t>;
    const auto* value = object.if_contains(key);
    if (value == nullptr) return 0;
    if (value->is_int64()) return value->get_int64();
    if (value->is_uint64()) return Limits::max();
    if (!value->is_double()) return 0;
    double number = value->get_double();
    if (!(number > -9.2e18)) return Limits::min();
    if (!(number < 9.2e18)) return Limits::max();
    return static_cast<std::int64_t>(number);
}

inline std::int32_t int32_of(const boost::json::object& object, std::string_view key) {
    using Limits = std::numeric_limits<std::int32_t>;
    auto number = int_of(object, key);
    if (number > Limits::max()) return Limits::max();
    if (number < Limits::min()) return Limits::min();
    return static_cast<std::int32_t>(number);
}

inline const boost::json::object* object_of(const boost::json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    return value == nullptr ? nullptr : value->if_object();
}

inline const boost::json::array& array_of(const boost::json::object& object, std::string_view key) {
    static const boost::json::array empty;
    const auto* value = object.if_contains(key);
    return value == nullptr || !value->is_array() ? empty : value->get_array();
}

/// Terraform writes a block that may stand at most once as a list of at most one.
inline const boost::json::object* block_of(const boost::json::object& object, std::string_view key) {
    const auto& list = array_of(object, key);
    return list.empty() ? nullptr : list.front().if_object();
}

}  // namespace berth::terraform
