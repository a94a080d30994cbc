#include "coderd/users/password.h"

#include <gtest/gtest.h>

namespace berth::coderd {
namespace {

TEST(Password, RefusesWeakOnes) {
    const std::string too_long(65, 'x');
    for (const std::string& weak : {std::string(), std::string("short"), std::string("aaaaaaaaaaaa"),
                                    std::string("abababababab"), too_long})
        EXPECT_FALSE(check_new_password(weak)) << weak;
    EXPECT_TRUE(check_new_password("SomeSecurePassword!"));
}

asio::awaitable<void> round_trip(net::Runtime& runtime) {
    SecretString right("SomeSecurePassword!");
    auto hash = co_await hash_password(runtime, right);
    EXPECT_TRUE(hash);
    EXPECT_TRUE(hash->starts_with("$argon2id$"));
    bool fits = co_await verify_password(runtime, *hash, right);
    EXPECT_TRUE(fits);
    for (const char* wrong : {"", "somesecurepassword!", "SomeSecurePassword!!"}) {
        bool also = co_await verify_password(runtime, *hash, SecretString(wrong));
        EXPECT_FALSE(also) << wrong;
    }
    bool nobody = co_await verify_password(runtime, "", right);
    EXPECT_FALSE(nobody);
    bool huge = co_await verify_password(runtime, *hash, SecretString(std::string(1 << 20, 'x')));
    EXPECT_FALSE(huge);
}

TEST(Password, HashesAndVerifies) {
    net::Runtime runtime(1);
    runtime.run(round_trip(runtime));
}

}  // namespace
}  // namespace berth::coderd
