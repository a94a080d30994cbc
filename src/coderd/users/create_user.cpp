#include "coderd/users/create_user.h"

#include "coderd/users/git_ssh_key.h"

namespace berth::coderd {
namespace {

asio::awaitable<Result<void>> add_memberships(db::Transaction& tx, const rbac::Actor& actor,
                                              const NewUser& user, Uuid user_id, base::Time now) {
    std::vector<Uuid> organizations = user.organizations;
    if (organizations.empty()) {
        auto standard = co_await tx.get_default_organization(actor);
        if (!standard) co_return standard.error();
        organizations.push_back(standard->id);
    }
    for (const auto& organization : organizations) {
        db::InsertOrganizationMemberParams member;
        member.organization_id = organization;
        member.user_id = user_id;
        member.created_at = now;
        auto added = co_await tx.insert_organization_member(actor, member);
        if (!added) co_return added.error();
    }
    co_return Result<void>();
}

asio::awaitable<Result<db::User>> insert_all(db::Transaction& tx, const rbac::Actor& actor,
                                             const NewUser& user, const Vault& vault, base::Time now) {
    if (user.must_be_first) {
        auto alone = co_await tx.lock("first user");
        if (!alone) co_return alone.error();
        auto none = co_await check_no_users(tx);
        if (!none) co_return none.error();
    }
    db::InsertUserParams row;
    row.id = Uuid::random();
    row.email = user.email;
    row.username = user.username;
    row.name = user.name;
    row.status = user.status;
    row.login_type = user.login_type;
    row.rbac_roles = user.roles;
    row.created_at = now;
    auto inserted = co_await tx.insert_user(actor, row);
    if (!inserted) co_return inserted.error();
    if (!user.hashed_password.empty()) {
        auto stored =
            co_await tx.upsert_user_password(actor, row.id, SecretString(user.hashed_password), now);
        if (!stored) co_return stored.error();
    }
    auto joined = co_await add_memberships(tx, actor, user, row.id, now);
    if (!joined) co_return joined.error();
    auto key_row = new_git_ssh_key(vault, row.id, now);
    auto keyed = co_await tx.upsert_git_ssh_key(actor, key_row);
    if (!keyed) co_return keyed.error();
    co_return inserted;
}

}  // namespace

asio::awaitable<Result<void>> check_no_users(db::Queries& queries) {
    auto count = co_await queries.count_users(rbac::Actor::system(rbac::SystemActor::bootstrap));
    if (!count) co_return count.error();
    if (*count > 0) co_return Error(ErrorCode::permission_denied, "The first user has been created already.");
    co_return Result<void>();
}

asio::awaitable<Result<db::User>> create_user(Context& context, const rbac::Actor& actor, NewUser user) {
    auto now = context.clock.now();
    db::TransactionOptions options;
    auto created = co_await context.store.transaction(options, insert_all, std::cref(actor), std::cref(user),
                                                      std::cref(context.vault), now);
    if (!created && created.error().code() == ErrorCode::conflict) {
        bool email = created.error().detail().find("email") != std::string::npos;
        co_return Error(ErrorCode::conflict, "A user with this email or username exists already.")
            .with_field(email ? "email" : "username", "is taken");
    }
    co_return created;
}

}  // namespace berth::coderd
