#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "base/uuid.h"

namespace berth::coderd {

/// A secret as the database keeps it. Without a key id it is the plain text.
struct Sealed {
    SecretString text;
    std::optional<std::string> key_id;
};

/// Encrypts secrets at rest with AES-256-GCM. Each value is bound to its place in the database, so that one
/// that was copied into another row does not open. Immutable after the start: any loop may use it.
class Vault {
public:
    /// A vault without keys leaves secrets as they are.
    Vault() = default;
    /// Keys of 32 bytes, base64, the first encrypts; invalid_argument says which one is wrong.
    static Result<Vault> create(const std::vector<SecretString>& keys);

    [[nodiscard]] bool encrypts() const { return !keys_.empty(); }
    /// The ids of all keys, the encrypting one first.
    [[nodiscard]] std::vector<std::string> key_ids() const;

    [[nodiscard]] Sealed seal(const SecretString& value, std::string_view place) const;
    /// data_loss when it was sealed with a key we do not have, or for another place.
    [[nodiscard]] Result<SecretString> open(const Sealed& sealed, std::string_view place) const;

    /// What proves that a key is the one of an id; see Vault::is_proof.
    [[nodiscard]] std::string proof_of(std::string_view key_id) const;
    [[nodiscard]] bool is_proof(std::string_view key_id, std::string_view proof) const;

private:
    struct Key {
        std::string id;
        SecretString bytes;
    };
    [[nodiscard]] const Key* find(std::string_view id) const;

    std::vector<Key> keys_;
};

// The places of secrets.
std::string user_secret_place(const Uuid& secret_id);
std::string git_ssh_key_place(const Uuid& user_id);
std::string user_link_place(const Uuid& user_id, std::string_view login_type, std::string_view column);

}  // namespace berth::coderd
