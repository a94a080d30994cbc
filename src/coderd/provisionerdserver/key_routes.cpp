#include "coderd/provisionerdserver/key_routes.h"

#include <algorithm>

#include "base/crypto.h"
#include "coderd/jobs/tags.h"
#include "coderd/users/lookup.h"

namespace berth::coderd {
namespace {

constexpr std::size_t key_secret_length = 43;
constexpr std::string_view reserved_names[] = {"built-in", "user-auth", "psk"};

bool is_key_name(std::string_view name) {
    if (name.empty() || name.size() > 64 || name.front() == '-' || name.back() == '-') return false;
    return std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_' || c == '.';
    });
}

std::string hashed(std::string_view secret) {
    auto digest = base::sha256(secret);
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

Error bad_key(std::string field, std::string detail) {
    return invalid_argument("The provisioner key cannot be created.")
        .with_field(std::move(field), std::move(detail));
}

}  // namespace

sdk::ProvisionerKey to_sdk_key(const db::ProvisionerKey& row) {
    sdk::ProvisionerKey key;
    key.id = row.id;
    key.created_at = row.created_at;
    key.organization = row.organization_id;
    key.name = row.name;
    auto tags = tags_from_json(row.tags);
    if (tags) key.tags = std::move(*tags);
    return key;
}

asio::awaitable<Result<db::ProvisionerKey>> find_provisioner_key(Context& context, std::string_view secret) {
    const auto& reader = rbac::Actor::system(rbac::SystemActor::key_reader);
    auto row = co_await context.store.get_provisioner_key_by_hashed_secret(reader, hashed(secret));
    if (!row && row.error().code() == ErrorCode::not_found)
        co_return Error(ErrorCode::unauthenticated, "The provisioner key is unknown.");
    co_return row;
}

void ProvisionerKeyRoutes::register_routes(Routes& routes) {
    using http::Method;
    const std::string keys = "/api/v2/organizations/{organization}/provisionerkeys";
    routes.json<sdk::CreateProvisionerKeyRequest, sdk::CreateProvisionerKeyResponse>(
        {Method::post, keys, "Create a provisioner key", Access::session, 201},
        bind(this, &ProvisionerKeyRoutes::create));
    routes.json<std::vector<sdk::ProvisionerKey>>({Method::get, keys, "List provisioner keys"},
                                                  bind(this, &ProvisionerKeyRoutes::list));
    routes.json<Nothing>({Method::del, keys + "/{name}", "Delete a provisioner key", Access::session, 204},
                         bind(this, &ProvisionerKeyRoutes::remove));
    routes.raw<Nothing, sdk::ProvisionerKey>({Method::get, "/api/v2/provisionerkeys/{key}",
                                              "Get a provisioner key by itself", Access::provisioner},
                                             bind(this, &ProvisionerKeyRoutes::get));
}

asio::awaitable<Result<sdk::CreateProvisionerKeyResponse>> ProvisionerKeyRoutes::create(
    const Request& request, sdk::CreateProvisionerKeyRequest body) {
    auto organization = co_await find_organization(context_.store, request);
    if (!organization) co_return organization.error();
    if (!is_key_name(body.name)) co_return bad_key("name", "letters, digits, '-', '_' and '.', at most 64");
    if (std::find(std::begin(reserved_names), std::end(reserved_names), body.name) !=
        std::end(reserved_names))
        co_return bad_key("name", "is reserved");
    if (body.tags.size() > 32) co_return bad_key("tags", "at most 32");
    SecretString secret(base::random_alphanumeric(key_secret_length));
    db::InsertProvisionerKeyParams row;
    row.id = Uuid::random();
    row.created_at = context_.clock.now();
    row.organization_id = organization->id;
    row.name = body.name;
    row.hashed_secret = hashed(secret.reveal());
    row.tags = tags_to_json(body.tags);
    auto inserted = co_await context_.store.insert_provisioner_key(request.actor(), row);
    if (!inserted && inserted.error().code() == ErrorCode::conflict)
        co_return Error(ErrorCode::conflict, "A provisioner key with this name exists already.")
            .with_field("name", "is taken");
    if (!inserted) co_return inserted.error();
    sdk::CreateProvisionerKeyResponse answer;
    answer.key = secret.reveal();
    co_return answer;
}

asio::awaitable<Result<std::vector<sdk::ProvisionerKey>>> ProvisionerKeyRoutes::list(const Request& request) {
    auto organization = co_await find_organization(context_.store, request);
    if (!organization) co_return organization.error();
    auto rows = co_await context_.store.list_provisioner_keys(request.actor(), organization->id);
    if (!rows) co_return rows.error();
    std::vector<sdk::ProvisionerKey> keys;
    // The reserved ones stand for no key that anybody holds.
    for (const auto& row : *rows)
        if (!row.hashed_secret.empty()) keys.push_back(to_sdk_key(row));
    co_return keys;
}

asio::awaitable<Result<http::Response>> ProvisionerKeyRoutes::get(const Request& request) {
    auto secret = request.http().headers.get(provisioner_key_header).value_or("");
    if (secret.empty())
        co_return Error(ErrorCode::unauthenticated, "A provisioner key is required.",
                        "Send it in the header " + std::string(provisioner_key_header) + ".");
    auto row = co_await find_provisioner_key(context_, secret);
    if (!row) co_return row.error();
    co_return http::Response::json(200, sdk::encode(to_sdk_key(*row)));
}

asio::awaitable<Result<Nothing>> ProvisionerKeyRoutes::remove(const Request& request) {
    auto organization = co_await find_organization(context_.store, request);
    if (!organization) co_return organization.error();
    auto row = co_await context_.store.get_provisioner_key_by_name(request.actor(), organization->id,
                                                                   request.path("name"));
    if (!row && row.error().code() == ErrorCode::not_found)
        co_return not_found("There is no such provisioner key.");
    if (!row) co_return row.error();
    auto deleted = co_await context_.store.delete_provisioner_key(request.actor(), row->id);
    if (!deleted) co_return deleted.error();
    if (*deleted == 0)
        co_return Error(ErrorCode::permission_denied, "Reserved provisioner keys cannot be deleted.");
    co_return Nothing();
}

}  // namespace berth::coderd
