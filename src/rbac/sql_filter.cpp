#include "rbac/sql_filter.h"

#include <vector>

namespace berth::rbac {
namespace {

/// Boolean expressions with constants folded away.
struct Sql {
    std::string text;

    static Sql constant(bool value) { return {value ? "TRUE" : "FALSE"}; }
    [[nodiscard]] bool is(bool value) const { return text == (value ? "TRUE" : "FALSE"); }
};

/// `all` of an empty list is TRUE, `any` of an empty list FALSE.
Sql combine(const std::vector<Sql>& parts, bool all) {
    Sql result = Sql::constant(all);
    std::size_t terms = 0;
    for (const auto& part : parts) {
        if (part.is(!all)) return part;
        if (part.is(all)) continue;
        if (terms++ == 0) {
            result = part;
        } else {
            result.text += (all ? " AND " : " OR ") + part.text;
        }
    }
    if (terms > 1) result.text = "(" + result.text + ")";
    return result;
}
Sql all_of(const std::vector<Sql>& parts) { return combine(parts, true); }
Sql any_of(const std::vector<Sql>& parts) { return combine(parts, false); }

/// Uuid::to_string() gives hexadecimal digits and dashes only, so quoting cannot be escaped from.
std::string literal(const Uuid& id) { return "'" + id.to_string() + "'::uuid"; }

/// Never NULL, so that NOT and OR around it stay two-valued.
Sql equals_any(const std::string& column, const std::vector<Uuid>& ids) {
    if (column.empty() || ids.empty()) return Sql::constant(false);
    std::string list;
    for (const auto& id : ids)
        list += (list.empty() ? "" : ", ") + literal(id);
    return {"COALESCE(" + column + " IN (" + list + "), FALSE)"};
}

Sql is_not_set(const std::string& column) {
    if (column.empty()) return Sql::constant(true);
    return {"COALESCE(" + column + " = " + literal(Uuid{}) + ", TRUE)"};
}

/// The entry of any of the subjects in a jsonb list is an array that holds the action or "*".
Sql list_grants(const std::string& column, const std::vector<Uuid>& subjects, Action action) {
    if (column.empty()) return Sql::constant(false);
    std::vector<Sql> parts;
    for (const auto& subject : subjects) {
        std::string entry = column + " -> '" + subject.to_string() + "' @> ";
        parts.push_back({"COALESCE(" + entry + "'[\"" + std::string(to_string(action)) + "\"]' OR " + entry +
                         "'[\"*\"]', FALSE)"});
    }
    return any_of(parts);
}

Sql roles_sql(const Actor& actor, Action action, Resource resource, const Columns& columns) {
    if (actor.site().denies(resource, action)) return Sql::constant(false);
    if (actor.site().allows(resource, action)) return Sql::constant(true);
    if (!actor.is_user()) return Sql::constant(false);

    std::vector<Uuid> whole;   // organizations where everything is allowed
    std::vector<Uuid> owned;   // … where what one owns is
    std::vector<Uuid> listed;  // … where access lists count for anything
    std::vector<Uuid> shared;  // … where they count for what one owns as well
    for (const auto& organization : actor.organizations()) {
        if (organization.everything.denies(resource, action)) continue;
        if (organization.everything.allows(resource, action)) {
            whole.push_back(organization.id);
            continue;
        }
        listed.push_back(organization.id);
        if (organization.own.allows(resource, action)) owned.push_back(organization.id);
        if (!organization.own.denies(resource, action)) shared.push_back(organization.id);
    }
    Sql owns = equals_any(columns.owner, {actor.id()});
    Sql own_anywhere = Sql::constant(actor.own().allows(resource, action));
    Sql lists = any_of({list_grants(columns.user_acl, {actor.id()}, action),
                        list_grants(columns.group_acl, actor.groups(), action)});
    Sql by_list = all_of({equals_any(columns.organization, shared), lists});
    if (listed.size() != shared.size()) {
        // Somewhere an own object is forbidden: there, lists help only with other people's objects.
        Sql foreign{owns.is(false) ? "TRUE" : "NOT " + owns.text};
        by_list = any_of({by_list, all_of({equals_any(columns.organization, listed), lists, foreign})});
    }
    return any_of({
        equals_any(columns.organization, whole),
        all_of({owns, equals_any(columns.organization, owned)}),
        all_of({owns, own_anywhere, is_not_set(columns.organization)}),
        by_list,
    });
}

Sql scope_sql(const Scope& scope, Action action, Resource resource, const Columns& columns) {
    if (!scope.permissions.contains(resource, action)) return Sql::constant(false);
    std::vector<Uuid> ids;
    for (const auto& target : scope.allow_list) {
        if (target.resource != Resource::wildcard && target.resource != resource) continue;
        if (!target.id) return Sql::constant(true);
        if (!target.id->is_nil()) ids.push_back(*target.id);
    }
    return equals_any(columns.id, ids);
}

}  // namespace

SqlFilter sql_filter(const Actor& actor, Action action, Resource resource, const Columns& columns) {
    if (actor.scopes().empty() && actor.is_user()) return {"FALSE"};
    std::vector<Sql> parts{roles_sql(actor, action, resource, columns)};
    for (const auto& scope : actor.scopes())
        parts.push_back(scope_sql(scope, action, resource, columns));
    Sql sql = all_of(parts);
    if (!sql.is(true) && !sql.is(false) && !sql.text.starts_with('(')) sql.text = "(" + sql.text + ")";
    return {std::move(sql.text)};
}

}  // namespace berth::rbac
