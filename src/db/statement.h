#pragma once

#include <cstdint>
#include <span>

#include "rbac/actor.h"
#include "rbac/resource.h"

namespace berth::db {

struct Statement;

/// Who may run a statement; written as `-- authorize:` lines above each query.
struct Policy {
    enum class Kind : std::uint8_t {
        actors,     ///< only the system actors named
        row,        ///< the row found is the object: checked before it is handed out
        arguments,  ///< the arguments describe the object, checked before anything runs
        via,        ///< another query finds the object, which is checked before anything runs
        filter,     ///< the actor's permissions become a condition of the statement
    };
    /// Where the object's properties are: columns of the row or places of arguments, -1 for what it does not
    /// have.
    struct Places {
        int id = -1;
        int owner = -1;
        int organization = -1;
        int user_acl = -1;
        int group_acl = -1;
    };
    /// SQL expressions for a filter; empty for what the table does not have.
    struct Expressions {
        const char* id = "";
        const char* owner = "";
        const char* organization = "";
        const char* user_acl = "";
        const char* group_acl = "";
    };

    Kind kind = Kind::actors;
    /// Let through without further check.
    std::span<const rbac::SystemActor> actors = {};
    rbac::Action action = rbac::Action::read;
    rbac::Resource resource = rbac::Resource::system;
    Places object = {};
    Expressions filter = {};
    const Statement* via = nullptr;
    /// Which of this statement's arguments the other query takes.
    std::span<const int> via_arguments = {};
};

/// One query of sql/queries/, as generated.
struct Statement {
    const char* name;
    /// Up to where a filter goes, or all of it.
    const char* text;
    /// What follows the filter.
    const char* tail = "";
    /// Object ids of the parameters' types; 0 leaves it to the server.
    std::span<const std::uint32_t> parameter_types = {};
    /// SQL names of the result's types, which a test compares with a real server's.
    std::span<const char* const> result_types = {};
    Policy policy = {};
};

}  // namespace berth::db
