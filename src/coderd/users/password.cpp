#include "coderd/users/password.h"

#include <array>
#include <set>

#include <sodium.h>

namespace berth::coderd {
namespace {

constexpr std::size_t shortest = 8;
constexpr std::size_t longest = 64;

std::string hash_now(const std::string& password) {
    std::array<char, crypto_pwhash_STRBYTES> out{};
    if (sodium_init() < 0 ||
        crypto_pwhash_str_alg(out.data(), password.data(), password.size(),
                              crypto_pwhash_OPSLIMIT_INTERACTIVE, crypto_pwhash_MEMLIMIT_INTERACTIVE,
                              crypto_pwhash_ALG_ARGON2ID13) != 0) {
        return {};
    }
    return out.data();
}

/// A hash of a password nobody knows, for users who do not exist.
const std::string& decoy_hash() {
    static const std::string hash = [] {
        std::array<char, 32> random{};
        randombytes_buf(random.data(), random.size());
        return hash_now(std::string(random.data(), random.size()));
    }();
    return hash;
}

bool verify_now(const std::string& hash, const std::string& password) {
    if (sodium_init() < 0) return false;
    const std::string& against = hash.empty() ? decoy_hash() : hash;
    bool fits = crypto_pwhash_str_verify(against.c_str(), password.data(), password.size()) == 0;
    return fits && !hash.empty();
}

}  // namespace

Result<void> check_new_password(std::string_view password) {
    auto refuse = [](std::string why) {
        return invalid_argument("The password cannot be used.").with_field("password", std::move(why));
    };
    if (password.size() < shortest) return refuse("must have at least 8 characters");
    if (password.size() > longest) return refuse("must have at most 64 characters");
    if (std::set<char>(password.begin(), password.end()).size() < 5)
        return refuse("must have at least 5 different characters");
    return {};
}

asio::awaitable<Result<std::string>> hash_password(net::Runtime& runtime, SecretString password) {
    // Closures with a name: g++ 12 destroys captures twice when one is a temporary of the co_await.
    auto work = [password] { return hash_now(password.reveal()); };
    auto hash = co_await net::run_on(runtime.workers(), std::move(work));
    if (hash.empty()) co_return internal_error("the password could not be hashed");
    co_return hash;
}

asio::awaitable<bool> verify_password(net::Runtime& runtime, std::string hash, SecretString password) {
    // Longer than any real password: refuse before it costs anything.
    if (password.reveal().size() > 4 * longest) co_return false;
    auto work = [hash = std::move(hash), password] { return verify_now(hash, password.reveal()); };
    auto fits = co_await net::run_on(runtime.workers(), std::move(work));
    co_return fits;
}

}  // namespace berth::coderd
