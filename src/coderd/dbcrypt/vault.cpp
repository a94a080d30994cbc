#include "coderd/dbcrypt/vault.h"

#include "base/crypto.h"

namespace berth::coderd {
namespace {

constexpr std::size_t key_size = 32;
constexpr std::size_t id_length = 16;
constexpr std::string_view proof_text = "berth";
constexpr std::string_view proof_place = "dbcrypt_keys";

}  // namespace

Result<Vault> Vault::create(const std::vector<SecretString>& keys) {
    Vault vault;
    for (std::size_t i = 0; i < keys.size(); ++i) {
        auto bytes = base::base64_decode(keys[i].reveal());
        if (!bytes || bytes->size() != key_size)
            return invalid_argument("encryption key number " + std::to_string(i + 1) +
                                    " is not 32 bytes in base64");
        auto id = base::sha256_hex(*bytes).substr(0, id_length);
        if (vault.find(id) != nullptr)
            return invalid_argument("encryption key number " + std::to_string(i + 1) + " is given twice");
        vault.keys_.push_back({std::move(id), SecretString(std::move(*bytes))});
    }
    return vault;
}

std::vector<std::string> Vault::key_ids() const {
    std::vector<std::string> ids;
    for (const auto& key : keys_)
        ids.push_back(key.id);
    return ids;
}

const Vault::Key* Vault::find(std::string_view id) const {
    for (const auto& key : keys_)
        if (key.id == id) return &key;
    return nullptr;
}

Sealed Vault::seal(const SecretString& value, std::string_view place) const {
    if (keys_.empty()) return {value, std::nullopt};
    const auto& key = keys_.front();
    auto sealed = base::aes256_gcm_seal(key.bytes.reveal(), value.reveal(), place);
    return {SecretString(base::base64_encode(sealed)), key.id};
}

Result<SecretString> Vault::open(const Sealed& sealed, std::string_view place) const {
    if (!sealed.key_id) return sealed.text;
    const auto* key = find(*sealed.key_id);
    if (key == nullptr)
        return Error(ErrorCode::data_loss, "a secret is encrypted with a key this server was not given",
                     "key " + *sealed.key_id);
    auto bytes = base::base64_decode(sealed.text.reveal());
    auto plain = bytes ? base::aes256_gcm_open(key->bytes.reveal(), *bytes, place) : std::nullopt;
    if (!plain)
        return Error(ErrorCode::data_loss, "an encrypted secret was changed and cannot be read",
                     std::string(place));
    return SecretString(std::move(*plain));
}

std::string Vault::proof_of(std::string_view key_id) const {
    const auto* key = find(key_id);
    if (key == nullptr) return {};
    return base::base64_encode(base::aes256_gcm_seal(key->bytes.reveal(), proof_text, proof_place));
}

bool Vault::is_proof(std::string_view key_id, std::string_view proof) const {
    const auto* key = find(key_id);
    auto bytes = base::base64_decode(proof);
    return key != nullptr && bytes &&
           base::aes256_gcm_open(key->bytes.reveal(), *bytes, proof_place) == proof_text;
}

std::string user_secret_place(const Uuid& secret_id) { return "user_secrets.value " + secret_id.to_string(); }

std::string git_ssh_key_place(const Uuid& user_id) {
    return "git_ssh_keys.private_key " + user_id.to_string();
}

std::string user_link_place(const Uuid& user_id, std::string_view login_type, std::string_view column) {
    return "user_links." + std::string(column) + " " + user_id.to_string() + " " + std::string(login_type);
}

}  // namespace berth::coderd
