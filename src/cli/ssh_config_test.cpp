#include "cli/ssh_config.h"

#include <gtest/gtest.h>

namespace berth::cli {
namespace {

SshConfigBlock sample() {
    return {"/opt/berth bin/berth", "/home/u/.config/coderv2", "", "coder.", "", {{"ForwardAgent", "yes"}}};
}

TEST(SshConfig, KeepsAllOtherBytes) {
    auto block = sample().render();
    ASSERT_TRUE(block);
    struct Case {
        std::string name;
        std::string file;
    };
    for (const auto& [name, file] : {Case{"empty", ""}, Case{"no last newline", "Host a\n  User b"},
                                     Case{"newline", "Host a\n  User b\n"}, Case{"crlf", "Host a\r\n"}}) {
        auto once = replace_block(file, *block);
        ASSERT_TRUE(once) << name;
        EXPECT_TRUE(once->starts_with(file)) << name;
        auto twice = replace_block(*once, *block);
        ASSERT_TRUE(twice) << name;
        EXPECT_EQ(*twice, *once) << name;
        auto after = replace_block(*once + "Host z\n", *block);
        ASSERT_TRUE(after) << name;
        EXPECT_TRUE(after->ends_with("Host z\n")) << name;
        auto removed = replace_block(*once, "");
        ASSERT_TRUE(removed) << name;
        EXPECT_TRUE(removed->starts_with(file)) << name;
    }
}

TEST(SshConfig, RefusesABrokenBlock) {
    auto block = sample().render();
    ASSERT_TRUE(block);
    std::string half = block->substr(0, block->size() / 2);
    for (const std::string& file :
         {half, *block + *block, std::string("# ------------END-CODER------------\n") + half}) {
        EXPECT_FALSE(replace_block(file, *block)) << file;
    }
}

TEST(SshConfig, QuotesPathsAndRefusesInjection) {
    auto block = sample();
    block.binary = "/opt/it's 100%/berth";
    auto text = block.render();
    ASSERT_TRUE(text);
    EXPECT_NE(text->find("'/opt/it'\\''s 100%%/berth'"), std::string::npos) << *text;
    block = sample();
    block.header_command = "printf 'a=%s' b";
    text = block.render();
    ASSERT_TRUE(text);
    EXPECT_NE(text->find(" --header-command 'printf '\\''a=%%s'\\'' b' ssh --stdio "), std::string::npos)
        << *text;
    block = sample();
    block.binary = "/opt/x\nProxyCommand evil";
    EXPECT_FALSE(block.render());
    block = sample();
    block.options["User"] = "x\n  ProxyCommand evil";
    EXPECT_FALSE(block.render());
    block = sample();
    block.hostname_prefix = "a b";
    EXPECT_FALSE(block.render());
}

TEST(SshConfig, ShowsWhatWouldChange) {
    EXPECT_EQ(line_diff("a\nb\n", "a\nb\n"), "");
    EXPECT_EQ(line_diff("a\nb\nc\n", "a\nx\nc\n"), "-b\n+x\n");
    EXPECT_EQ(line_diff("", "a\n"), "+a\n+\n");
}

}  // namespace
}  // namespace berth::cli
