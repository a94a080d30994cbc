#include "agent/secret_files.h"

#include <fstream>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "agent/agent_testing.h"
#include "agent/environment.h"

namespace berth::agent {
namespace {

namespace fs = std::filesystem;

struct Home {
    TestDirectory directory;
    fs::path record = directory.path() / "state" / "record.json";

    /// Names below the home directory, as the files of a manifest.
    Result<void> place(const std::map<std::string, std::string>& files) const {
        SecretFiles wanted;
        for (const auto& [name, content] : files)
            wanted[directory.path() / name] = content;
        return place_secret_files(record, wanted);
    }
    [[nodiscard]] std::string content(const std::string& name) const {
        return read_small_file(directory.path() / name, 100).value_or("(none)");
    }
    void put(const std::string& name, const std::string& content) const {
        std::ofstream(directory.path() / name) << content;
    }
};

TEST(SecretFiles, GoWithTheirSecret) {
    struct Row {
        const char* what;
        std::map<std::string, std::string> before;
        std::map<std::string, std::string> after;
        std::map<std::string, std::string> left;
    };
    for (const auto& row : std::vector<Row>{
             {"deleted", {{"a", "1"}}, {}, {{"a", "(none)"}}},
             {"another path", {{"a", "1"}}, {{"b", "1"}}, {{"a", "(none)"}, {"b", "1"}}},
             {"another value", {{"a", "1"}}, {{"a", "2"}}, {{"a", "2"}}},
             {"the same", {{"a", "1"}}, {{"a", "1"}}, {{"a", "1"}}},
             {"one of two", {{"a", "1"}, {"b/c", "2"}}, {{"a", "1"}}, {{"a", "1"}, {"b/c", "(none)"}}},
             {"empty", {{"a", ""}}, {}, {{"a", "(none)"}}},
         }) {
        SCOPED_TRACE(row.what);
        Home home;
        ASSERT_TRUE(home.place(row.before).ok());
        ASSERT_TRUE(home.place(row.after).ok());
        for (const auto& [name, content] : row.left)
            EXPECT_EQ(home.content(name), content) << name;
        EXPECT_EQ(fs::exists(home.record), !row.after.empty());
    }
}

TEST(SecretFiles, WhatAPersonPutThereStays) {
    Home home;
    ASSERT_TRUE(home.place({{"edited", "1"}, {"linked", "1"}, {"removed", "1"}}).ok());
    home.put("edited", "mine");
    home.put("own", "1");
    fs::remove(home.directory.path() / "linked");
    fs::create_symlink("own", home.directory.path() / "linked");
    fs::remove(home.directory.path() / "removed");
    ASSERT_TRUE(home.place({}).ok());
    EXPECT_EQ(home.content("edited"), "mine");
    EXPECT_EQ(home.content("linked"), "1");
    EXPECT_EQ(home.content("own"), "1");
}

TEST(SecretFiles, ARecordThatIsNoneRemovesNothing) {
    for (const char* text : {"", "{", "[1, {}, {\"path\": 1, \"sha256\": 2}]", "{\"path\": \"a\"}"}) {
        Home home;
        fs::create_directories(home.record.parent_path());
        std::ofstream(home.record) << text;
        home.put("a", "1");
        EXPECT_TRUE(home.place({{"b", "2"}}).ok()) << text;
        EXPECT_EQ(home.content("a"), "1");
        EXPECT_TRUE(home.place({}).ok()) << text;
        EXPECT_EQ(home.content("b"), "(none)");
    }
}

TEST(SecretFiles, TheRecordIsPrivateAndHoldsNoValue) {
    Home home;
    ASSERT_TRUE(home.place({{"a", "s3cret"}}).ok());
    struct stat info {};
    ASSERT_EQ(::stat(home.record.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600U);
    EXPECT_EQ(read_small_file(home.record, 1000)->find("s3cret"), std::string::npos);
}

TEST(SecretFiles, AFileThatCannotBeWrittenIsTriedAgainAndTheRestIsDone) {
    Home home;
    ASSERT_TRUE(home.place({{"old", "1"}}).ok());
    home.put("block", "");
    auto placed = home.place({{"block/x", "2"}, {"new", "3"}});
    ASSERT_FALSE(placed.ok());
    EXPECT_EQ(home.content("old"), "(none)");
    EXPECT_EQ(home.content("new"), "3");
    fs::remove(home.directory.path() / "block");
    ASSERT_TRUE(home.place({{"block/x", "2"}}).ok());
    EXPECT_EQ(home.content("block/x"), "2");
    EXPECT_EQ(home.content("new"), "(none)");
}

}  // namespace
}  // namespace berth::agent
