#include "coderd/dbcrypt/vault.h"

#include <gtest/gtest.h>

#include "base/crypto.h"
#include "coderd/coderd_testing.h"
#include "coderd/dbcrypt/keys.h"

namespace berth::coderd {
namespace {

SecretString key(char fill) { return SecretString(base::base64_encode(std::string(32, fill))); }

Vault vault_with(const std::vector<SecretString>& keys) {
    auto vault = Vault::create(keys);
    EXPECT_TRUE(vault.ok()) << vault.error().to_string();
    return vault.ok() ? *vault : Vault();
}

TEST(VaultTest, KeysAreChecked) {
    for (const char* bad : {"", "x", "c2hvcnQ=", "not base64 at all"}) {
        auto vault = Vault::create({key('a'), SecretString(bad)});
        ASSERT_FALSE(vault.ok()) << bad;
        EXPECT_NE(vault.error().message().find("number 2"), std::string::npos) << vault.error().message();
    }
    EXPECT_FALSE(Vault::create({key('a'), key('a')}).ok());
    EXPECT_FALSE(vault_with({}).encrypts());
}

TEST(VaultTest, WithoutKeysNothingIsEncrypted) {
    Vault vault;
    auto sealed = vault.seal(SecretString("s"), "place");
    EXPECT_EQ(sealed.text.reveal(), "s");
    EXPECT_EQ(sealed.key_id, std::nullopt);
    EXPECT_EQ(vault.open(sealed, "place")->reveal(), "s");
}

TEST(VaultTest, ASecretOpensWithItsKeyInItsPlace) {
    auto old_vault = vault_with({key('a')});
    auto sealed = old_vault.seal(SecretString("s"), "place");
    EXPECT_EQ(sealed.text.reveal().find("s:"), std::string::npos);
    auto new_vault = vault_with({key('b'), key('a')});
    EXPECT_EQ(new_vault.open(sealed, "place")->reveal(), "s");
    EXPECT_NE(new_vault.seal(SecretString("s"), "place").key_id, sealed.key_id);
    EXPECT_EQ(new_vault.open(sealed, "another place").error().code(), ErrorCode::data_loss);
    EXPECT_EQ(vault_with({key('b')}).open(sealed, "place").error().code(), ErrorCode::data_loss);
    EXPECT_EQ(Vault().open(sealed, "place").error().code(), ErrorCode::data_loss);
    auto ids = new_vault.key_ids();
    ASSERT_EQ(ids.size(), 2u);
    EXPECT_TRUE(new_vault.is_proof(ids[1], old_vault.proof_of(ids[1])));
    EXPECT_FALSE(new_vault.is_proof(ids[0], old_vault.proof_of(ids[1])));
}

class KeysTest : public ::testing::Test {
protected:
    testing::Api api;
    db::Store& store = api.database.store();

    std::string stored() { return api.sql("SELECT value FROM user_secrets"); }
    Result<void> check(const Vault& vault) {
        return api.runtime.run(check_keys(store, vault, api.clock.now()));
    }
    Result<Rotation> rotate(const Vault& from, const Vault& to) {
        return api.runtime.run(rotate_keys(store, from, to, api.clock.now()));
    }
    std::string value_with(const Vault& vault) {
        auto rows = api.runtime.run(store.list_user_secrets_with_values(
            rbac::Actor::system(rbac::SystemActor::provisionerd), api.owner.id));
        EXPECT_TRUE(rows.ok() && rows->size() == 1);
        auto opened = vault.open({rows->front().value, rows->front().value_key_id},
                                 user_secret_place(rows->front().id));
        return opened ? opened->reveal() : opened.error().message();
    }
};

TEST_F(KeysTest, RotationEncryptsAndDecryptsEverything) {
    auto made = api.post("/api/v2/users/me/secrets", api.owner.token,
                         R"({"name": "a", "value": "precious", "env_name": "A"})");
    ASSERT_EQ(made.status, 201u) << made.text;
    EXPECT_EQ(stored(), "precious");

    auto first = vault_with({key('a')});
    auto encrypted = rotate(Vault(), first);
    ASSERT_TRUE(encrypted.ok()) << encrypted.error().to_string();
    EXPECT_EQ(encrypted->user_secrets, 1u);
    EXPECT_EQ(stored().find("precious"), std::string::npos);
    EXPECT_EQ(value_with(first), "precious");

    // Who lacks the key does not start, and cannot rotate either.
    EXPECT_EQ(check(Vault()).error().code(), ErrorCode::failed_precondition);
    EXPECT_NE(check(Vault()).error().message().find(first.key_ids()[0]), std::string::npos);
    EXPECT_FALSE(rotate(Vault(), vault_with({key('b')})).ok());
    EXPECT_TRUE(check(first).ok());

    auto second = vault_with({key('b')});
    ASSERT_TRUE(rotate(vault_with({key('a')}), second).ok());
    EXPECT_EQ(value_with(second), "precious");
    EXPECT_TRUE(check(second).ok());
    EXPECT_TRUE(check(vault_with({key('b'), key('a')})).ok()) << "an old key may stay";
    // Which brought the old one back into use.
    EXPECT_FALSE(check(second).ok());

    ASSERT_TRUE(rotate(vault_with({key('b'), key('a')}), Vault()).ok());
    EXPECT_EQ(stored(), "precious");
    EXPECT_TRUE(check(Vault()).ok());
}

TEST_F(KeysTest, AKeyWithTheRightIdButOtherBytesIsRefused) {
    auto vault = vault_with({key('a')});
    ASSERT_TRUE(check(vault).ok());
    api.sql("UPDATE dbcrypt_keys SET proof = '" +
            base::base64_encode(base::aes256_gcm_seal(std::string(32, 'z'), "berth", "dbcrypt_keys")) + "'");
    EXPECT_EQ(check(vault).error().code(), ErrorCode::failed_precondition);
}

}  // namespace
}  // namespace berth::coderd
