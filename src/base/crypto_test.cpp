#include "base/crypto.h"

#include <map>

#include <gtest/gtest.h>

namespace berth::base {
namespace {

TEST(CryptoTest, RefusesBadEncodings) {
    for (std::string_view text : {"a", "zz", "0g", " 0"})
        EXPECT_FALSE(hex_decode(text)) << text;
    for (std::string_view text : {"a", "ab=", "====", "a===", "ab=c", "ab==ab==", "a b=", "ab-_", "abc\n"})
        EXPECT_FALSE(base64_decode(text)) << text;
}

TEST(CryptoTest, EncodingsRoundTrip) {
    std::string data;
    for (int i = 0; i < 256; ++i) {
        EXPECT_EQ(base64_decode(base64_encode(data)), data);
        auto bytes = std::span(reinterpret_cast<const std::uint8_t*>(data.data()), data.size());
        EXPECT_EQ(hex_decode(hex_encode(bytes)), data);
        data += static_cast<char>(i);
    }
    EXPECT_EQ(base64_encode("hello"), "aGVsbG8=");
    EXPECT_EQ(hex_decode("4A6b"), "Jk");
}

TEST(CryptoTest, DigestsMatchKnownValues) {
    EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(sha1_hex(""), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
    EXPECT_EQ(hex_encode(sha256("abc")), sha256_hex("abc"));
}

TEST(CryptoTest, RandomTextIsUniformAndOfTheWantedLength) {
    EXPECT_EQ(random_alphanumeric(0), "");
    std::map<char, int> counts;
    for (char c : random_alphanumeric(62'000))
        ++counts[c];
    EXPECT_EQ(counts.size(), 62u);
    for (auto [letter, count] : counts)
        EXPECT_NEAR(count, 1000, 250) << letter;
}

TEST(CryptoTest, SealedBytesOpenOnlyUnchanged) {
    const std::string key(32, 'k');
    for (const std::string& plain : {std::string(), std::string("secret"), std::string(100'000, '\0')}) {
        auto sealed = aes256_gcm_seal(key, plain, "row 1");
        EXPECT_EQ(sealed.size(), plain.size() + 28);
        EXPECT_NE(sealed, aes256_gcm_seal(key, plain, "row 1")) << "the nonce must differ each time";
        EXPECT_EQ(aes256_gcm_open(key, sealed, "row 1"), plain);
        EXPECT_EQ(aes256_gcm_open(key, sealed, "row 2"), std::nullopt);
        EXPECT_EQ(aes256_gcm_open(std::string(32, 'K'), sealed, "row 1"), std::nullopt);
        EXPECT_EQ(aes256_gcm_open("short", sealed, "row 1"), std::nullopt);
        EXPECT_EQ(aes256_gcm_open(key, sealed.substr(0, sealed.size() - 1), "row 1"), std::nullopt);
        for (std::size_t at : {std::size_t(0), sealed.size() / 2, sealed.size() - 1}) {
            auto changed = sealed;
            changed[at] = static_cast<char>(changed[at] ^ 1);
            EXPECT_EQ(aes256_gcm_open(key, changed, "row 1"), std::nullopt) << at;
        }
    }
    EXPECT_EQ(aes256_gcm_open(key, "", "row 1"), std::nullopt);
    EXPECT_EQ(aes256_gcm_open(key, std::string(27, 'x'), "row 1"), std::nullopt);
}

TEST(CryptoTest, ComparesInConstantTime) {
    EXPECT_TRUE(constant_time_equal("", ""));
    EXPECT_TRUE(constant_time_equal("abc", "abc"));
    EXPECT_FALSE(constant_time_equal("abc", "abd"));
    EXPECT_FALSE(constant_time_equal("abc", "abcd"));
}

}  // namespace
}  // namespace berth::base
