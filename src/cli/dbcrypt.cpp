#include "cli/dbcrypt.h"

#include "base/clock.h"
#include "base/text.h"
#include "coderd/database.h"
#include "coderd/dbcrypt/keys.h"
#include "net/task_group.h"

namespace berth::cli {
namespace {

struct DbcryptOptions {
    std::string postgres_url;
    /// Base64, separated by commas.
    std::string old_keys;
    std::string new_key;
    bool yes = false;
};

Result<coderd::Vault> vault_of(const std::string& keys) {
    std::vector<SecretString> list;
    for (auto key : base::split(keys, ','))
        if (!base::trim(key).empty()) list.emplace_back(std::string(base::trim(key)));
    return coderd::Vault::create(list);
}

/// Closes the database whatever happened.
asio::awaitable<Result<coderd::Rotation>> open_and_rotate(Session& session, coderd::Database& database,
                                                          const coderd::ServerOptions& options,
                                                          const coderd::Vault& from,
                                                          const coderd::Vault& to) {
    auto opened = co_await database.open(session.runtime(), options, base::Logger("dbcrypt"));
    if (!opened) co_return opened.error();
    auto rotated = co_await coderd::rotate_keys(database.store(), from, to, base::system_clock().now());
    co_return rotated;
}

asio::awaitable<Result<void>> run(Session& session, std::shared_ptr<DbcryptOptions> given, bool decrypt) {
    auto from = vault_of(given->old_keys);
    if (!from) co_return from.error().wrap("the old keys");
    auto to = vault_of(decrypt ? std::string() : given->new_key);
    if (!to) co_return to.error().wrap("the new key");
    if (!decrypt && to->key_ids().size() != 1) co_return invalid_argument("give one new key");
    if (decrypt && !given->yes) {
        if (!session.interactive()) co_return invalid_argument("give --yes to store secrets unencrypted");
        auto answer = prompt("All secrets will be stored unencrypted. Go on? (yes/no) ");
        if (!answer) co_return answer.error();
        if (*answer != "yes") co_return cancelled("nothing was changed");
    }
    coderd::ServerOptions options;
    options.config_dir = std::filesystem::absolute(session.config().path());
    options.postgres_url = SecretString(given->postgres_url);
    coderd::Database database;
    auto rotated = co_await open_and_rotate(session, database, options, *from, *to);
    co_await database.close();
    if (!rotated) co_return rotated.error();
    session.print(std::string(decrypt ? "Decrypted " : "Encrypted ") + std::to_string(rotated->user_secrets) +
                  " user secrets, " + std::to_string(rotated->git_ssh_keys) + " SSH keys and the tokens of " +
                  std::to_string(rotated->user_links) + " external identities.\n");
    if (decrypt)
        session.note("Start the server without --external-token-encryption-keys from now on.\n");
    else
        session.note("Start the server with the new key alone from now on.\n");
    co_return Result<void>();
}

void add_database(CLI::App* command, DbcryptOptions& options) {
    command
        ->add_option(
            "--postgres-url", options.postgres_url,
            "The server's database; its private one when not given. No server may run on it meanwhile")
        ->envname("CODER_PG_CONNECTION_URL");
}

}  // namespace

void add_dbcrypt(Commands& commands, CLI::App& server) {
    auto* dbcrypt = commands.add(server, "dbcrypt", "Encryption of secrets in the database");
    dbcrypt->require_subcommand(1);

    auto rotation = std::make_shared<DbcryptOptions>();
    auto* rotate = commands.add(*dbcrypt, "rotate", "Encrypt everything with a new key");
    add_database(rotate, *rotation);
    rotate->add_option("--new-key", rotation->new_key, "Key of 32 bytes in base64; prefer the variable")
        ->envname("CODER_EXTERNAL_TOKEN_ENCRYPTION_ENCRYPT_NEW_KEY")
        ->required();
    rotate->add_option("--old-keys", rotation->old_keys, "Keys in use until now; prefer the variable")
        ->envname("CODER_EXTERNAL_TOKEN_ENCRYPTION_ENCRYPT_OLD_KEYS");
    rotate->add_flag("-y,--yes", rotation->yes, "Accepted for compatibility");
    commands.on_run(rotate, [rotation](Session& session) { return run(session, rotation, false); });

    auto decryption = std::make_shared<DbcryptOptions>();
    auto* decrypt = commands.add(*dbcrypt, "decrypt", "Store everything unencrypted");
    add_database(decrypt, *decryption);
    decrypt->add_option("--keys", decryption->old_keys, "Keys in use until now; prefer the variable")
        ->envname("CODER_EXTERNAL_TOKEN_ENCRYPTION_DECRYPT_KEYS")
        ->required();
    decrypt->add_flag("-y,--yes", decryption->yes, "Do not ask");
    commands.on_run(decrypt, [decryption](Session& session) { return run(session, decryption, true); });
}

}  // namespace berth::cli
