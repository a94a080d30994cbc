#include "coderd/secrets/routes.h"

#include "coderd/api/complaints.h"
#include "coderd/secrets/rules.h"
#include "coderd/users/lookup.h"

namespace berth::coderd {
namespace {

sdk::UserSecret secret_to_sdk(const db::UserSecretSummary& row) {
    sdk::UserSecret secret;
    secret.id = row.id;
    secret.name = row.name;
    secret.description = row.description;
    secret.env_name = row.env_name;
    secret.file_path = row.file_path;
    secret.created_at = row.created_at;
    secret.updated_at = row.updated_at;
    return secret;
}

std::string description_problem(const std::string& text) {
    return text.size() > 1024 ? "has more than 1024 characters" : "";
}

/// Which unique index was hit, as the field to change.
Error as_taken(const Error& error) {
    if (error.code() != ErrorCode::conflict) return error;
    std::string field = "name";
    if (db::is_conflict(error, "user_secrets_env_name_key")) field = "env_name";
    if (db::is_conflict(error, "user_secrets_file_path_key")) field = "file_path";
    return Error(ErrorCode::conflict, "Another secret has this " + field + ".").with_field(field, "is taken");
}

/// One change of a person's secrets at a time, so that the limits hold.
asio::awaitable<Result<void>> lock_secrets(db::Transaction& tx, const Uuid& user_id) {
    auto locked = co_await tx.lock("user secrets " + user_id.to_string());
    co_return locked;
}

asio::awaitable<Result<void>> check_all(db::Transaction& tx, const rbac::Actor& actor, const Uuid& user_id) {
    auto secrets = co_await tx.list_user_secrets(actor, user_id);
    if (!secrets) co_return secrets.error();
    co_return check_secret_limits(*secrets);
}

asio::awaitable<Result<db::UserSecretSummary>> insert_in(db::Transaction& tx, const rbac::Actor& actor,
                                                         const db::InsertUserSecretParams& row) {
    auto locked = co_await lock_secrets(tx, row.user_id);
    if (!locked) co_return locked.error();
    auto inserted = co_await tx.insert_user_secret(actor, row);
    if (!inserted) co_return inserted.error();
    auto fits = co_await check_all(tx, actor, row.user_id);
    if (!fits) co_return fits.error();
    auto stored = co_await tx.get_user_secret_by_name(actor, row.user_id, row.name);
    co_return stored;
}

struct Change {
    Uuid user_id;
    std::string name;
    sdk::UpdateUserSecretRequest body;
    base::Time now;
};

asio::awaitable<Result<void>> update_value(db::Transaction& tx, const rbac::Actor& actor, const Vault& vault,
                                           const Uuid& id, const Change& change) {
    auto sealed = vault.seal(SecretString(*change.body.value), user_secret_place(id));
    db::UpdateUserSecretValueParams row;
    row.value = sealed.text;
    row.value_key_id = sealed.key_id;
    row.value_size = static_cast<std::int32_t>(change.body.value->size());
    row.updated_at = change.now;
    row.user_id = change.user_id;
    row.id = id;
    auto updated = co_await tx.update_user_secret_value(actor, row);
    if (!updated) co_return updated.error();
    co_return Result<void>();
}

asio::awaitable<Result<db::UserSecretSummary>> update_in(db::Transaction& tx, const rbac::Actor& actor,
                                                         const Vault& vault, const Change& change) {
    auto locked = co_await lock_secrets(tx, change.user_id);
    if (!locked) co_return locked.error();
    auto before = co_await tx.get_user_secret_by_name(actor, change.user_id, change.name);
    if (!before) co_return before.error();
    db::UpdateUserSecretParams row;
    row.description = change.body.description.value_or(before->description);
    row.env_name = change.body.env_name.value_or(before->env_name);
    row.file_path = change.body.file_path.value_or(before->file_path);
    row.updated_at = change.now;
    row.user_id = change.user_id;
    row.id = before->id;
    auto updated = co_await tx.update_user_secret(actor, row);
    if (!updated) co_return updated.error();
    if (change.body.value) {
        auto stored = co_await update_value(tx, actor, vault, before->id, change);
        if (!stored) co_return stored.error();
    }
    auto fits = co_await check_all(tx, actor, change.user_id);
    if (!fits) co_return fits.error();
    auto after = co_await tx.get_user_secret_by_name(actor, change.user_id, change.name);
    co_return after;
}

}  // namespace

void UserSecretRoutes::register_routes(Routes& routes) {
    using http::Method;
    routes.json<std::vector<sdk::UserSecret>>(
        {Method::get, "/api/v2/users/{user}/secrets", "List a user's secrets, without values"},
        bind(this, &UserSecretRoutes::list));
    routes.json<sdk::CreateUserSecretRequest, sdk::UserSecret>(
        {Method::post, "/api/v2/users/{user}/secrets", "Create a secret", Access::session, 201},
        bind(this, &UserSecretRoutes::create));
    routes.json<sdk::UserSecret>(
        {Method::get, "/api/v2/users/{user}/secrets/{name}", "Get a secret, without its value"},
        bind(this, &UserSecretRoutes::get));
    routes.json<sdk::UpdateUserSecretRequest, sdk::UserSecret>(
        {Method::patch, "/api/v2/users/{user}/secrets/{name}", "Change a secret"},
        bind(this, &UserSecretRoutes::update));
    routes.json<Nothing>(
        {Method::del, "/api/v2/users/{user}/secrets/{name}", "Delete a secret", Access::session, 204},
        bind(this, &UserSecretRoutes::remove));
}

asio::awaitable<Result<std::vector<sdk::UserSecret>>> UserSecretRoutes::list(const Request& request) {
    auto user = co_await find_user(context_.store, request);
    if (!user) co_return user.error();
    auto rows = co_await context_.store.list_user_secrets(request.actor(), user->id);
    if (!rows) co_return rows.error();
    std::vector<sdk::UserSecret> secrets;
    for (const auto& row : *rows)
        secrets.push_back(secret_to_sdk(row));
    co_return secrets;
}

asio::awaitable<Result<sdk::UserSecret>> UserSecretRoutes::create(const Request& request,
                                                                  sdk::CreateUserSecretRequest body) {
    auto user = co_await find_user(context_.store, request);
    if (!user) co_return user.error();
    Complaints complaints("The secret cannot be created.");
    complaints.add("name", secret_name_problem(body.name));
    complaints.add("description", description_problem(body.description));
    complaints.add("value", secret_value_problem(body.value));
    complaints.add("env_name", secret_variable_problem(body.env_name));
    complaints.add("file_path", secret_path_problem(body.file_path));
    if (complaints.any()) co_return complaints.error();

    db::InsertUserSecretParams row;
    row.id = Uuid::random();
    row.user_id = user->id;
    row.name = body.name;
    row.description = body.description;
    row.env_name = body.env_name;
    row.file_path = body.file_path;
    row.value_size = static_cast<std::int32_t>(body.value.size());
    auto sealed = context_.vault.seal(SecretString(std::move(body.value)), user_secret_place(row.id));
    row.value = sealed.text;
    row.value_key_id = sealed.key_id;
    row.now = context_.clock.now();
    auto stored =
        co_await context_.store.transaction({}, insert_in, std::cref(request.actor()), std::cref(row));
    if (!stored) co_return as_taken(stored.error());
    co_return secret_to_sdk(*stored);
}

asio::awaitable<Result<sdk::UserSecret>> UserSecretRoutes::get(const Request& request) {
    auto user = co_await find_user(context_.store, request);
    if (!user) co_return user.error();
    auto row =
        co_await context_.store.get_user_secret_by_name(request.actor(), user->id, request.path("name"));
    if (!row) co_return row.error();
    co_return secret_to_sdk(*row);
}

asio::awaitable<Result<sdk::UserSecret>> UserSecretRoutes::update(const Request& request,
                                                                  sdk::UpdateUserSecretRequest body) {
    auto user = co_await find_user(context_.store, request);
    if (!user) co_return user.error();
    Complaints complaints("The secret cannot be changed.");
    if (body.description) complaints.add("description", description_problem(*body.description));
    if (body.value) complaints.add("value", secret_value_problem(*body.value));
    if (body.env_name) complaints.add("env_name", secret_variable_problem(*body.env_name));
    if (body.file_path) complaints.add("file_path", secret_path_problem(*body.file_path));
    if (complaints.any()) co_return complaints.error();
    Change change;
    change.user_id = user->id;
    change.name = request.path("name");
    change.body = std::move(body);
    change.now = context_.clock.now();
    auto updated = co_await context_.store.transaction({}, update_in, std::cref(request.actor()),
                                                       std::cref(context_.vault), std::cref(change));
    if (!updated) co_return as_taken(updated.error());
    co_return secret_to_sdk(*updated);
}

asio::awaitable<Result<Nothing>> UserSecretRoutes::remove(const Request& request) {
    auto user = co_await find_user(context_.store, request);
    if (!user) co_return user.error();
    auto deleted =
        co_await context_.store.delete_user_secret(request.actor(), user->id, request.path("name"));
    if (!deleted) co_return deleted.error();
    if (*deleted == 0) co_return not_found("There is no such secret.");
    co_return Nothing{};
}

}  // namespace berth::coderd
