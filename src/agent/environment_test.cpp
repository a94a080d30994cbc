#include "agent/environment.h"

#include <fstream>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent.pb.h"
#include "agent/agent_testing.h"
#include "agent/workspace.h"

namespace berth::agent {
namespace {

TEST(FindAccount, PassesOverMalformedLines) {
    const struct {
        const char* name;
        const char* text;
        uid_t uid;
        const char* home;
        const char* shell;
    } cases[] = {
        {"empty file", "", 0, nullptr, nullptr},
        {"too few fields", "root:x:0:0:root:/root\n", 0, nullptr, nullptr},
        {"too many fields", "root:x:0:0:root:/root:/bin/sh:more\n", 0, nullptr, nullptr},
        {"id is no number", "root:x:zero:0:root:/root:/bin/sh\n", 0, nullptr, nullptr},
        {"id out of range", "root:x:99999999999:0:root:/root:/bin/sh\n", 0, nullptr, nullptr},
        {"other account", "root:x:0:0:root:/root:/bin/sh\n", 1000, nullptr, nullptr},
        {"no line end", "root:x:0:0:root:/root:/bin/sh", 0, "/root", "/bin/sh"},
        {"first of two", "a:x:7:1::/a:/bin/a\nb:x:7:1::/b:/bin/b\n", 7, "/a", "/bin/a"},
        {"after a comment", "# x\n\nme:x:7:1:Me,,:/home/me:/bin/zsh \n", 7, "/home/me", "/bin/zsh"},
        {"no shell", "me:x:7:1::/home/me:\n", 7, "/home/me", ""},
    };
    for (const auto& test : cases) {
        SCOPED_TRACE(test.name);
        auto found = find_account(test.text, test.uid);
        ASSERT_EQ(found.has_value(), test.home != nullptr);
        if (!found) continue;
        EXPECT_EQ(found->home, test.home);
        EXPECT_EQ(found->shell, test.shell);
    }
}

TEST(CurrentAccount, HasAHomeAndAShellWhateverHappens) {
    auto account = current_account({}, "/no/such/passwd");
    EXPECT_EQ(account.uid, ::getuid());
    EXPECT_EQ(account.home, "/");
    EXPECT_EQ(::access(account.shell.c_str(), X_OK), 0);
    EXPECT_EQ(current_account({{"HOME", "/somewhere"}, {"SHELL", "relative"}}, "/no/such").home,
              "/somewhere");
}

TEST(Expand, Variables) {
    const Variables variables{{"A", "one"}, {"B_2", "two"}, {"EMPTY", ""}};
    const struct {
        const char* text;
        const char* expected;
    } cases[] = {
        {"", ""},         {"$", "$"},        {"${A", "${A"},          {"$9", "$9"},       {"a$", "a$"},
        {"$A", "one"},    {"${A}x", "onex"}, {"$B_2/$A", "two/one"},  {"$AB", ""},        {"${}", ""},
        {"$EMPTY.", "."}, {"$$A", "$one"},   {"100% $A", "100% one"}, {"$A$A", "oneone"},
    };
    for (const auto& test : cases)
        EXPECT_EQ(expand_variables(test.text, variables), test.expected) << test.text;
}

TEST(Expand, Paths) {
    Account account;
    account.home = "/home/me";
    const Variables variables{{"HOME", "/home/me"}, {"PROJECT", "work"}};
    const struct {
        const char* text;
        const char* expected;
    } cases[] = {
        {"", ""},
        {"$NOTHING", ""},
        {"~", "/home/me"},
        {"~/a", "/home/me/a"},
        {"~other", "/home/me/~other"},
        {"$HOME/$PROJECT", "/home/me/work"},
        {"relative/b", "/home/me/relative/b"},
        {"/a/../b", "/b"},
    };
    for (const auto& test : cases)
        EXPECT_EQ(expand_path(test.text, account, variables), test.expected) << test.text;
}

TEST(WritePrivateFile, IsForItsOwnerOnly) {
    TestDirectory directory;
    auto path = directory.path() / "deep" / "er" / "secret";
    ASSERT_TRUE(write_private_file(path, "one").ok());
    ASSERT_TRUE(write_private_file(path, "two").ok());
    struct stat info {};
    ASSERT_EQ(::stat(path.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600U);
    EXPECT_EQ(read_small_file(path, 100), "two");
    EXPECT_EQ(read_small_file(path, 2), "tw");
    ASSERT_EQ(::stat(path.parent_path().c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0700U);
    // A link planted there is replaced, not followed.
    auto victim = directory.path() / "victim";
    std::ofstream(victim) << "kept";
    std::filesystem::create_symlink(victim, directory.path() / "link");
    ASSERT_TRUE(write_private_file(directory.path() / "link", "x").ok());
    EXPECT_EQ(read_small_file(victim, 100), "kept");
    auto failed = write_private_file(victim / "below a file", "hidden value");
    ASSERT_FALSE(failed.ok());
    EXPECT_EQ(failed.error().to_string().find("hidden value"), std::string::npos);
}

TEST(Workspace, TakesOverTheManifest) {
    TestDirectory directory;
    Workspace workspace;
    workspace.account.home = directory.path();
    workspace.account.name = "me";
    workspace.account.shell = "/bin/sh";
    workspace.base = {{"PATH", "/usr/bin"}, {"INHERITED", "yes"}};
    workspace.link_directory = "/links";
    coder::agent::v2::Manifest manifest;
    auto& variables = *manifest.mutable_environment_variables();
    variables["PATH"] = "$PATH:/opt/bin";
    variables["BAD=NAME"] = "x";
    variables["NUL"] = std::string("a\0b", 3);
    manifest.set_directory("~/project");
    manifest.set_motd_path("/etc/motd");
    manifest.set_workspace_name("demo");
    manifest.set_owner_username("anna");
    auto* both = manifest.add_secrets();
    both->set_env_name("TOKEN");
    both->set_file_path("~/.config/token");
    both->set_value("s3cret");
    auto* broken = manifest.add_secrets();
    broken->set_file_path("/dev/null/x");
    broken->set_value("other");
    auto applied = workspace.apply(manifest);
    ASSERT_FALSE(applied.ok());
    EXPECT_EQ(applied.error().to_string().find("other"), std::string::npos);
    auto environment = workspace.command_environment();
    EXPECT_EQ(environment["PATH"], "/links:/usr/bin:/opt/bin");
    EXPECT_EQ(environment["INHERITED"], "yes");
    EXPECT_EQ(environment["CODER"], "true");
    EXPECT_EQ(environment["CODER_WORKSPACE_NAME"], "demo");
    EXPECT_EQ(environment["CODER_WORKSPACE_OWNER_NAME"], "anna");
    EXPECT_EQ(environment["TOKEN"], "s3cret");
    EXPECT_EQ(environment["USER"], "me");
    EXPECT_FALSE(environment.contains("BAD=NAME"));
    EXPECT_FALSE(environment.contains("NUL"));
    EXPECT_EQ(workspace.directory, directory.path() / "project");
    EXPECT_EQ(workspace.working_directory(), directory.path());
    EXPECT_EQ(read_small_file(directory.path() / ".config" / "token", 100), "s3cret");
}

}  // namespace
}  // namespace berth::agent
