#pragma once

#include <string>

#include "rbac/actor.h"

namespace berth::rbac {

/// SQL expressions that give an object's properties in the query being filtered ("w.id"); empty for what the
/// table does not have. They come from our own query files, never from requests.
struct Columns {
    std::string id = {};
    std::string owner = {};
    std::string organization = {};
    /// jsonb, as Acl::parse() reads it.
    std::string user_acl = {};
    std::string group_acl = {};
};

struct SqlFilter {
    /// A boolean expression in parentheses, or TRUE or FALSE alone.
    std::string text;
    [[nodiscard]] bool always() const { return text == "TRUE"; }
    [[nodiscard]] bool never() const { return text == "FALSE"; }
};

/// The rows for which authorize(actor, action, row) succeeds. NULL columns count as properties not set.
SqlFilter sql_filter(const Actor& actor, Action action, Resource resource, const Columns& columns);

}  // namespace berth::rbac
