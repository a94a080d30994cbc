#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "net/http/message.h"
#include "sdk/codec.h"

namespace berth::sdk {

/// Something that a route reads from its query string. None is required.
struct QueryParameter {
    std::string name;
    /// "string", "integer" or "boolean".
    std::string type;
    std::string description;
};

/// One route as the document shows it.
struct Operation {
    http::Method method;
    /// "/api/v2/users/{user}"
    std::string_view path;
    std::string_view summary;
    /// Groups routes: "users".
    std::string_view tag;
    const TypeInfo* request = nullptr;
    const TypeInfo* response = nullptr;
    bool response_is_list = false;
    unsigned success = 200;
    /// Needs a session token.
    bool authenticated = true;
    std::span<const QueryParameter> query = {};
};

/// The schema of a type: a reference for structs and enums, in place for everything else.
std::string openapi_schema(const TypeInfo& type);
/// `{"Workspace": {…}, …}` of all described types.
std::string openapi_schemas();
/// An OpenAPI 3.0 document with all schemas.
std::string openapi_document(std::string_view title, std::string_view version,
                             std::span<const Operation> operations);

}  // namespace berth::sdk
