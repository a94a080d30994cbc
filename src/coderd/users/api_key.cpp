#include "coderd/users/api_key.h"

#include <algorithm>

#include "base/crypto.h"

namespace berth::coderd {
namespace {

constexpr std::size_t id_length = 10;
constexpr std::size_t secret_length = 22;

bool is_alphanumeric(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    });
}

}  // namespace

ApiKeyToken::ApiKeyToken(std::string_view public_id, std::string_view secret_text)
    : id(public_id), secret(std::string(secret_text)) {}

ApiKeyToken ApiKeyToken::generate_for(std::string_view owner) {
    static constexpr std::string_view letters =
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    auto digest = base::sha256(owner);
    std::string id;
    for (std::size_t i = 0; i < id_length; ++i)
        id += letters[static_cast<std::uint8_t>(digest[i]) % letters.size()];
    return ApiKeyToken(id, base::random_alphanumeric(secret_length));
}

ApiKeyToken ApiKeyToken::generate() {
    return ApiKeyToken(base::random_alphanumeric(id_length), base::random_alphanumeric(secret_length));
}

std::optional<ApiKeyToken> ApiKeyToken::parse(std::string_view text) {
    if (text.size() != id_length + 1 + secret_length || text[id_length] != '-') return std::nullopt;
    auto id = text.substr(0, id_length);
    auto secret = text.substr(id_length + 1);
    if (!is_alphanumeric(id) || !is_alphanumeric(secret)) return std::nullopt;
    return ApiKeyToken(id, secret);
}

SecretString ApiKeyToken::text() const {
    std::string joined = id;
    joined += '-';
    joined += secret.reveal();
    return SecretString(std::move(joined));
}

std::string ApiKeyToken::hashed_secret() const {
    auto digest = base::sha256(secret.reveal());
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

}  // namespace berth::coderd
