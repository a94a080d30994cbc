#include "db/query.h"

#include "rbac/authorize.h"
#include "rbac/sql_filter.h"

namespace berth::db {
namespace {

bool let_through(const Policy& policy, const rbac::Actor& actor) {
    for (auto allowed : policy.actors)
        if (actor.is(allowed)) return true;
    return false;
}

rbac::Object object_of_row(const Policy& policy, const ResultSet& result) {
    auto id = [&result](int column) -> std::optional<Uuid> {
        auto bytes = result.cell(0, column);
        return bytes ? Uuid::from_bytes(*bytes) : std::nullopt;
    };
    auto acl = [&result](int column) {
        auto bytes = result.cell(0, column);
        return bytes && !bytes->empty() ? rbac::Acl::parse(bytes->substr(1)) : rbac::Acl();
    };
    return {.resource = policy.resource,
            .id = id(policy.object.id),
            .owner = id(policy.object.owner),
            .organization = id(policy.object.organization),
            .user_acl = acl(policy.object.user_acl),
            .group_acl = acl(policy.object.group_acl)};
}

rbac::Object object_of_arguments(const Policy& policy, const Arguments& arguments) {
    return {.resource = policy.resource,
            .id = arguments.uuid(policy.object.id),
            .owner = arguments.uuid(policy.object.owner),
            .organization = arguments.uuid(policy.object.organization)};
}

Command command_of(const Statement& statement, Arguments arguments) {
    return {.text = std::string(statement.text) + statement.tail,
            .parameter_types = statement.parameter_types,
            .arguments = std::move(arguments)};
}

/// The condition is part of the text, so such a text is kept prepared only when it is the same for everybody.
Command filtered_command(const Statement& statement, const rbac::Actor& actor, Arguments arguments) {
    const auto& columns = statement.policy.filter;
    auto filter = let_through(statement.policy, actor)
                      ? rbac::SqlFilter{"TRUE"}
                      : rbac::sql_filter(actor, statement.policy.action, statement.policy.resource,
                                         {.id = columns.id,
                                          .owner = columns.owner,
                                          .organization = columns.organization,
                                          .user_acl = columns.user_acl,
                                          .group_acl = columns.group_acl});
    return {.text = std::string(statement.text) + " AND " + filter.text + statement.tail,
            .parameter_types = statement.parameter_types,
            .arguments = std::move(arguments),
            .prepare = filter.always() || filter.never()};
}

/// Finds the object by its own query. Who may not even read it hears that it is not there.
asio::awaitable<Result<void>> check_via(Executor& executor, const rbac::Actor& actor, const Policy& policy,
                                        Arguments arguments) {
    auto command = command_of(*policy.via, std::move(arguments));
    auto found = co_await executor.execute(std::move(command));
    if (!found) co_return found.error();
    if (found->rows() == 0) co_return rbac::hidden(policy.resource);
    auto object = object_of_row(policy.via->policy, *found);
    auto allowed = rbac::authorize(actor, policy.action, object);
    if (allowed.ok()) co_return allowed;
    if (!rbac::authorize(actor, rbac::Action::read, object).ok()) co_return rbac::hidden(policy.resource);
    co_return allowed;
}

}  // namespace

Error no_row(const Statement& statement) {
    if (statement.policy.kind == Policy::Kind::row || statement.policy.kind == Policy::Kind::filter) {
        return rbac::hidden(statement.policy.resource);
    }
    return not_found("there is no such thing", statement.name);
}

Error bad_column(const Statement& statement, int column) {
    return internal_error("the database answered something unexpected",
                          std::string(statement.name) + ": column " + std::to_string(column));
}

asio::awaitable<Result<ResultSet>> run_authorized(Executor& executor, const rbac::Actor& actor,
                                                  const Statement& statement, Arguments arguments) {
    const auto& policy = statement.policy;
    if (policy.kind == Policy::Kind::filter) {
        auto filtered = filtered_command(statement, actor, std::move(arguments));
        auto result = co_await executor.execute(std::move(filtered));
        co_return result;
    }
    bool trusted = let_through(policy, actor);
    if (!trusted && policy.kind == Policy::Kind::actors) {
        co_return Error(ErrorCode::permission_denied, "not allowed", statement.name);
    }
    if (!trusted && policy.kind == Policy::Kind::arguments) {
        auto allowed = rbac::authorize(actor, policy.action, object_of_arguments(policy, arguments));
        if (!allowed) co_return allowed.error();
    }
    if (!trusted && policy.kind == Policy::Kind::via) {
        auto key = arguments.pick(policy.via_arguments.data(), policy.via_arguments.size());
        auto allowed = co_await check_via(executor, actor, policy, std::move(key));
        if (!allowed) co_return allowed.error();
    }
    auto command = command_of(statement, std::move(arguments));
    auto result = co_await executor.execute(std::move(command));
    if (!result) co_return result.error();
    if (!trusted && policy.kind == Policy::Kind::row && result->rows() > 0) {
        auto allowed = rbac::authorize(actor, policy.action, object_of_row(policy, *result));
        if (!allowed) co_return rbac::hidden(policy.resource);
    }
    co_return result;
}

asio::awaitable<Result<void>> query_exec(Executor& executor, const rbac::Actor& actor,
                                         const Statement& statement, Arguments arguments) {
    auto result = co_await run_authorized(executor, actor, statement, std::move(arguments));
    if (!result) co_return result.error();
    co_return Result<void>();
}

asio::awaitable<Result<std::int64_t>> query_exec_rows(Executor& executor, const rbac::Actor& actor,
                                                      const Statement& statement, Arguments arguments) {
    auto result = co_await run_authorized(executor, actor, statement, std::move(arguments));
    if (!result) co_return result.error();
    co_return result->affected();
}

}  // namespace berth::db
