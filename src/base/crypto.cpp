#include "base/crypto.h"

#include <cstdlib>
#include <memory>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <sys/random.h>

namespace berth::base {
namespace {

constexpr std::size_t gcm_nonce = 12;
constexpr std::size_t gcm_tag = 16;

using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

std::string digest_hex(const EVP_MD* algorithm, std::string_view data) {
    std::array<std::uint8_t, EVP_MAX_MD_SIZE> out{};
    unsigned length = 0;
    if (EVP_Digest(data.data(), data.size(), out.data(), &length, algorithm, nullptr) != 1) std::abort();
    return hex_encode({out.data(), length});
}

}  // namespace

void fill_random(std::span<std::uint8_t> out) {
    while (!out.empty()) {
        ssize_t got = getrandom(out.data(), out.size(), 0);
        if (got < 0) {
            if (errno == EINTR) continue;
            std::abort();
        }
        out = out.subspan(static_cast<std::size_t>(got));
    }
}

std::string random_alphanumeric(std::size_t length) {
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    constexpr std::uint8_t limit = 256 / alphabet.size() * alphabet.size();
    std::string text;
    text.reserve(length);
    std::array<std::uint8_t, 64> bytes{};
    while (text.size() < length) {
        fill_random(bytes);
        for (std::uint8_t byte : bytes) {
            // Bytes past the last whole multiple of the alphabet would favour its first letters.
            if (byte < limit && text.size() < length) text += alphabet[byte % alphabet.size()];
        }
    }
    return text;
}

std::string random_hex(std::size_t bytes) {
    std::string random(bytes, '\0');
    fill_random({bytes_of(random), bytes});
    return hex_encode({bytes_of(random), bytes});
}

Sha256 sha256(std::string_view data) {
    Sha256 out{};
    unsigned length = 0;
    if (EVP_Digest(data.data(), data.size(), out.data(), &length, EVP_sha256(), nullptr) != 1) std::abort();
    return out;
}

std::string sha256_hex(std::string_view data) { return digest_hex(EVP_sha256(), data); }
std::string sha1_hex(std::string_view data) { return digest_hex(EVP_sha1(), data); }

std::string aes256_gcm_seal(std::string_view key, std::string_view plain, std::string_view bound_to) {
    std::string out(gcm_nonce + plain.size() + gcm_tag, '\0');
    unsigned char* at = bytes_of(out);
    fill_random({at, gcm_nonce});
    CipherContext context(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
    int length = 0;
    bool good =
        key.size() == 32 && context &&
        EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, bytes_of(key), at) == 1 &&
        EVP_EncryptUpdate(context.get(), nullptr, &length, bytes_of(bound_to),
                          static_cast<int>(bound_to.size())) == 1 &&
        EVP_EncryptUpdate(context.get(), at + gcm_nonce, &length, bytes_of(plain),
                          static_cast<int>(plain.size())) == 1 &&
        EVP_EncryptFinal_ex(context.get(), at + gcm_nonce + plain.size(), &length) == 1 &&
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, gcm_tag, at + gcm_nonce + plain.size()) == 1;
    if (!good) std::abort();
    return out;
}

std::optional<std::string> aes256_gcm_open(std::string_view key, std::string_view sealed,
                                           std::string_view bound_to) {
    if (key.size() != 32 || sealed.size() < gcm_nonce + gcm_tag) return std::nullopt;
    auto nonce = sealed.substr(0, gcm_nonce);
    auto cipher = sealed.substr(gcm_nonce, sealed.size() - gcm_nonce - gcm_tag);
    std::string tag(sealed.substr(sealed.size() - gcm_tag));
    std::string plain(cipher.size() + 1, '\0');
    CipherContext context(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
    int length = 0;
    bool good =
        context &&
        EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, bytes_of(key), bytes_of(nonce)) == 1 &&
        EVP_DecryptUpdate(context.get(), nullptr, &length, bytes_of(bound_to),
                          static_cast<int>(bound_to.size())) == 1 &&
        EVP_DecryptUpdate(context.get(), bytes_of(plain), &length, bytes_of(cipher),
                          static_cast<int>(cipher.size())) == 1 &&
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, gcm_tag, tag.data()) == 1 &&
        EVP_DecryptFinal_ex(context.get(), bytes_of(plain) + cipher.size(), &length) == 1;
    if (!good) return std::nullopt;
    plain.pop_back();
    return plain;
}

bool constant_time_equal(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string hex_encode(std::span<const std::uint8_t> data) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(data.size() * 2);
    for (std::uint8_t byte : data) {
        text += digits[byte >> 4];
        text += digits[byte & 0x0f];
    }
    return text;
}

std::optional<std::string> hex_decode(std::string_view text) {
    auto digit = [](char c) {
        if (c >= '0' && c <= '9') return c - '0';
        if (c >= 'a' && c <= 'f') return c - 'a' + 10;
        if (c >= 'A' && c <= 'F') return c - 'A' + 10;
        return -1;
    };
    if (text.size() % 2 != 0) return std::nullopt;
    std::string out;
    out.reserve(text.size() / 2);
    for (std::size_t at = 0; at < text.size(); at += 2) {
        int high = digit(text[at]);
        int low = digit(text[at + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        out += static_cast<char>(high << 4 | low);
    }
    return out;
}

std::string base64_encode(std::string_view data) {
    std::string out((data.size() + 2) / 3 * 4, '\0');
    EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                    reinterpret_cast<const unsigned char*>(data.data()), static_cast<int>(data.size()));
    return out;
}

std::optional<std::string> base64_decode(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    if (text.empty()) return std::string();
    auto padding = static_cast<std::size_t>(text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0);
    if (text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") <
        text.size() - padding)
        return std::nullopt;
    std::string out(text.size() / 4 * 3, '\0');
    int length =
        EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                        reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
    if (length < 0) return std::nullopt;
    out.resize(static_cast<std::size_t>(length) - padding);
    return out;
}

}  // namespace berth::base
