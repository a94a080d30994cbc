#include "rbac/object.h"

#include <boost/json.hpp>

namespace berth::rbac {
namespace {

ActionSet parse_actions(const boost::json::array& names) {
    ActionSet actions;
    for (const auto& name : names) {
        if (!name.is_string()) continue;
        std::string_view text = name.get_string();
        if (text == "*") return ActionSet::all();
        if (auto action = parse_action(text)) actions |= *action;
    }
    return actions;
}

}  // namespace

Acl Acl::parse(std::string_view json) {
    Acl acl;
    if (json.empty() || json == "{}") return acl;
    boost::json::error_code error;
    auto value = boost::json::parse(json, error);
    if (error || !value.is_object()) return acl;
    for (const auto& [key, names] : value.get_object()) {
        auto subject = Uuid::parse(key);
        // Keys in another spelling are not found by the SQL predicate either.
        if (subject && subject->to_string() == std::string_view(key) && names.is_array())
            acl.grant(*subject, parse_actions(names.get_array()));
    }
    return acl;
}

void Acl::grant(const Uuid& subject, ActionSet actions) {
    for (auto& [known, granted] : entries_) {
        if (known == subject) {
            granted |= actions;
            return;
        }
    }
    entries_.emplace_back(subject, actions);
}

ActionSet Acl::granted(const Uuid& subject) const {
    for (const auto& [known, granted] : entries_)
        if (known == subject) return granted;
    return {};
}

}  // namespace berth::rbac
