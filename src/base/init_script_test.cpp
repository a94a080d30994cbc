#include "base/init_script.h"

#include <gtest/gtest.h>

namespace berth::base {
namespace {

TEST(InitScript, NamesTheBinaryAndKeepsTheProvidersPlaceholders) {
    auto script = init_script("linux", "amd64");
    ASSERT_TRUE(script);
    EXPECT_NE(script->find("bin/coder-linux-amd64"), std::string::npos);
    EXPECT_NE(script->find("${ACCESS_URL}"), std::string::npos);
    EXPECT_NE(script->find("${AUTH_TYPE}"), std::string::npos);
    EXPECT_EQ(script->find('@'), std::string::npos);
}

TEST(InitScript, HasNoneForOtherPlatforms) {
    for (auto [os, arch] : {std::pair("windows", "amd64"), std::pair("linux", "mips"), std::pair("", "")})
        EXPECT_FALSE(init_script(os, arch)) << os << "/" << arch;
}

}  // namespace
}  // namespace berth::base
