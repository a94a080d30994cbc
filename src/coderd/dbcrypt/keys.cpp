#include "coderd/dbcrypt/keys.h"

#include <algorithm>

namespace berth::coderd {
namespace {

const rbac::Actor& rotator() { return rbac::Actor::system(rbac::SystemActor::key_rotator); }

bool is_among(const std::vector<std::string>& ids, const std::string& id) {
    return std::find(ids.begin(), ids.end(), id) != ids.end();
}

Result<void> check_known(const std::vector<db::DbcryptKey>& known, const Vault& vault) {
    auto ids = vault.key_ids();
    for (const auto& key : known) {
        bool given = is_among(ids, key.id);
        if (!given && !key.revoked_at)
            return Error(ErrorCode::failed_precondition,
                         "the database holds secrets that were encrypted with key " + key.id +
                             ", which is not among the keys given",
                         "add it to --external-token-encryption-keys, or run `berth server dbcrypt`");
        if (given && !vault.is_proof(key.id, key.proof))
            return Error(ErrorCode::failed_precondition,
                         "encryption key " + key.id + " is not the one the database was encrypted with");
    }
    return {};
}

/// Notes the keys of the vault that are not in use yet.
asio::awaitable<Result<void>> note_keys(db::Queries& queries, const std::vector<db::DbcryptKey>& known,
                                        const Vault& vault, base::Time now) {
    for (const auto& id : vault.key_ids()) {
        bool in_use = std::any_of(known.begin(), known.end(), [&id](const db::DbcryptKey& key) {
            return key.id == id && !key.revoked_at;
        });
        if (in_use) continue;
        auto noted = co_await queries.insert_dbcrypt_key(rotator(), id, now, vault.proof_of(id));
        if (!noted) co_return noted.error();
    }
    co_return Result<void>();
}

Result<Sealed> reseal(const Sealed& sealed, std::string_view place, const Vault& from, const Vault& to) {
    auto plain = from.open(sealed, place);
    if (!plain) return plain.error();
    return to.seal(*plain, place);
}

asio::awaitable<Result<std::size_t>> rotate_user_secrets(db::Transaction& tx, const Vault& from,
                                                         const Vault& to) {
    auto rows = co_await tx.lock_sealed_user_secrets(rotator());
    if (!rows) co_return rows.error();
    for (const auto& row : *rows) {
        auto sealed = reseal({row.value, row.value_key_id}, user_secret_place(row.id), from, to);
        if (!sealed) co_return sealed.error();
        auto written = co_await tx.replace_user_secret_value(rotator(), sealed->text, sealed->key_id, row.id);
        if (!written) co_return written.error();
    }
    co_return rows->size();
}

asio::awaitable<Result<std::size_t>> rotate_git_ssh_keys(db::Transaction& tx, const Vault& from,
                                                         const Vault& to) {
    auto rows = co_await tx.lock_sealed_git_ssh_keys(rotator());
    if (!rows) co_return rows.error();
    for (const auto& row : *rows) {
        auto sealed =
            reseal({row.private_key, row.private_key_key_id}, git_ssh_key_place(row.user_id), from, to);
        if (!sealed) co_return sealed.error();
        auto written =
            co_await tx.replace_git_ssh_private_key(rotator(), sealed->text, sealed->key_id, row.user_id);
        if (!written) co_return written.error();
    }
    co_return rows->size();
}

asio::awaitable<Result<std::size_t>> rotate_user_links(db::Transaction& tx, const Vault& from,
                                                       const Vault& to) {
    auto rows = co_await tx.lock_sealed_user_links(rotator());
    if (!rows) co_return rows.error();
    for (const auto& row : *rows) {
        auto place = [&row](std::string_view column) {
            return user_link_place(row.user_id, to_string(row.login_type), column);
        };
        auto access =
            reseal({row.oauth_access_token, row.oauth_key_id}, place("oauth_access_token"), from, to);
        if (!access) co_return access.error();
        auto refresh =
            reseal({row.oauth_refresh_token, row.oauth_key_id}, place("oauth_refresh_token"), from, to);
        if (!refresh) co_return refresh.error();
        db::ReplaceUserLinkTokensParams change;
        change.oauth_access_token = access->text;
        change.oauth_refresh_token = refresh->text;
        change.oauth_key_id = access->key_id;
        change.user_id = row.user_id;
        change.login_type = row.login_type;
        auto written = co_await tx.replace_user_link_tokens(rotator(), change);
        if (!written) co_return written.error();
    }
    co_return rows->size();
}

asio::awaitable<Result<void>> check_in(db::Transaction& tx, const Vault& vault, base::Time now) {
    auto known = co_await tx.list_dbcrypt_keys(rotator());
    if (!known) co_return known.error();
    auto good = check_known(*known, vault);
    if (!good) co_return good.error();
    auto noted = co_await note_keys(tx, *known, vault, now);
    co_return noted;
}

asio::awaitable<Result<Rotation>> rotate_in(db::Transaction& tx, const Vault& from, const Vault& to,
                                            base::Time now) {
    auto known = co_await tx.list_dbcrypt_keys(rotator());
    if (!known) co_return known.error();
    auto good = check_known(*known, from);
    if (!good) co_return good.error();
    auto noted = co_await note_keys(tx, *known, to, now);
    if (!noted) co_return noted.error();
    Rotation rotation;
    auto secrets = co_await rotate_user_secrets(tx, from, to);
    if (!secrets) co_return secrets.error();
    rotation.user_secrets = *secrets;
    auto keys = co_await rotate_git_ssh_keys(tx, from, to);
    if (!keys) co_return keys.error();
    rotation.git_ssh_keys = *keys;
    auto links = co_await rotate_user_links(tx, from, to);
    if (!links) co_return links.error();
    rotation.user_links = *links;
    auto revoked = co_await tx.revoke_dbcrypt_keys(rotator(), now, to.key_ids());
    if (!revoked) co_return revoked.error();
    co_return rotation;
}

}  // namespace

asio::awaitable<Result<void>> check_keys(db::Store& store, const Vault& vault, base::Time now) {
    auto done = co_await store.transaction({}, check_in, std::cref(vault), now);
    co_return done;
}

asio::awaitable<Result<Rotation>> rotate_keys(db::Store& store, const Vault& from, const Vault& to,
                                              base::Time now) {
    auto done = co_await store.transaction({}, rotate_in, std::cref(from), std::cref(to), now);
    co_return done;
}

}  // namespace berth::coderd
