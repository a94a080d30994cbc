#include "coderd/users/git_ssh_key.h"

#include <array>
#include <cstdint>
#include <cstdlib>

#include <sodium.h>

#include "base/crypto.h"

namespace berth::coderd {
namespace {

constexpr std::string_view algorithm = "ssh-ed25519";

/// RFC 4251's uint32 and string.
void put_u32(std::string& out, std::uint32_t value) {
    for (int shift = 24; shift >= 0; shift -= 8)
        out += static_cast<char>(value >> shift & 0xff);
}
void put_string(std::string& out, std::string_view text) {
    put_u32(out, static_cast<std::uint32_t>(text.size()));
    out += text;
}

std::string public_blob(std::string_view public_key) {
    std::string blob;
    put_string(blob, algorithm);
    put_string(blob, public_key);
    return blob;
}

/// OpenSSH's PROTOCOL.key, unencrypted.
std::string private_blob(std::string_view public_key, std::string_view secret_key) {
    std::array<std::uint8_t, 4> check{};
    base::fill_random(check);
    std::string_view check_bytes(reinterpret_cast<const char*>(check.data()), check.size());
    std::string inner;
    inner += check_bytes;
    inner += check_bytes;
    put_string(inner, algorithm);
    put_string(inner, public_key);
    put_string(inner, secret_key);
    put_string(inner, "");
    for (char pad = 1; inner.size() % 8 != 0; ++pad)
        inner += pad;

    std::string blob("openssh-key-v1\0", 15);
    put_string(blob, "none");
    put_string(blob, "none");
    put_string(blob, "");
    put_u32(blob, 1);
    put_string(blob, public_blob(public_key));
    put_string(blob, inner);
    return blob;
}

std::string pem(std::string_view blob) {
    std::string base64 = base::base64_encode(blob);
    std::string text = "-----BEGIN OPENSSH PRIVATE KEY-----\n";
    for (std::size_t at = 0; at < base64.size(); at += 70)
        text += base64.substr(at, 70) + "\n";
    return text + "-----END OPENSSH PRIVATE KEY-----\n";
}

}  // namespace

GitSshKeyPair generate_git_ssh_key() {
    std::array<unsigned char, crypto_sign_PUBLICKEYBYTES> public_bytes{};
    std::array<unsigned char, crypto_sign_SECRETKEYBYTES> secret_bytes{};
    if (sodium_init() < 0 || crypto_sign_keypair(public_bytes.data(), secret_bytes.data()) != 0) std::abort();
    std::string_view public_key(reinterpret_cast<const char*>(public_bytes.data()), public_bytes.size());
    std::string_view secret_key(reinterpret_cast<const char*>(secret_bytes.data()), secret_bytes.size());
    GitSshKeyPair pair;
    pair.private_key = SecretString(pem(private_blob(public_key, secret_key)));
    pair.public_key = std::string(algorithm) + " " + base::base64_encode(public_blob(public_key)) + "\n";
    sodium_memzero(secret_bytes.data(), secret_bytes.size());
    return pair;
}

db::UpsertGitSSHKeyParams new_git_ssh_key(const Vault& vault, const Uuid& user_id, base::Time now) {
    auto pair = generate_git_ssh_key();
    auto sealed = vault.seal(pair.private_key, git_ssh_key_place(user_id));
    db::UpsertGitSSHKeyParams row;
    row.user_id = user_id;
    row.now = now;
    row.private_key = sealed.text;
    row.private_key_key_id = sealed.key_id;
    row.public_key = pair.public_key;
    return row;
}

}  // namespace berth::coderd
