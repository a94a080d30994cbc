#include "provisioner/terraform/prepared_folders.h"

#include <fstream>
#include <functional>
#include <thread>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "provisioner/terraform/files.h"
#include "provisioner/terraform/session_testing.h"

namespace berth::terraform {
namespace {

namespace fs = std::filesystem;

void put(const fs::path& path, const std::string& text) {
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
}

std::string text_in(const fs::path& path) {
    auto text = read_file(path, 1 << 20);
    return text ? *text : "(" + text.error().message() + ")";
}

std::size_t count_in(const fs::path& folder) {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

class PreparedFoldersTest : public testing::Test {
protected:
    PreparedFoldersTest() {
        put(terraform, "the program");
        put(mirror / "terraform-provider-a", "the provider");
        put(source / "main.tf", "resource");
        put(source / ".terraform/modules/modules.json", "{}");
        put(source / "start.sh", "#!/bin/sh");
        fs::permissions(source / "start.sh", fs::perms::owner_all);
        fs::create_symlink("main.tf", source / "same.tf");
        fs::create_directories(source / ".terraform/providers/a/1.0.0");
        fs::create_symlink(mirror, source / ".terraform/providers/a/1.0.0/linux_amd64");
    }

    std::shared_ptr<PreparedFolders> create(PreparedLimits limits = {}) {
        auto made = PreparedFolders::create(root, terraform, clock, limits);
        EXPECT_TRUE(made.ok());
        return made ? *made : nullptr;
    }
    fs::path empty_folder() {
        auto path = temp.path() / ("build-" + std::to_string(++builds));
        fs::create_directory(path);
        return path;
    }
    bool copies(PreparedFolders& folders, const std::string& version) {
        return folders.copy_to(version, empty_folder());
    }
    /// Where the only folder that is kept lies.
    fs::path kept() {
        for (const auto& process : fs::directory_iterator(root))
            if (process.is_directory())
                for (const auto& entry : fs::directory_iterator(process))
                    if (entry.is_directory()) return entry.path();
        return {};
    }

    TempFolder temp;
    fs::path root = temp.path() / "prepared";
    fs::path source = temp.path() / "source";
    fs::path mirror = temp.path() / "mirror";
    fs::path terraform = temp.path() / "terraform";
    base::FakeClock clock;
    int builds = 0;
};

TEST_F(PreparedFoldersTest, ACopyIsWholeAndItsOwn) {
    auto folders = create();
    EXPECT_FALSE(folders->has("v1"));
    EXPECT_FALSE(copies(*folders, "v1"));
    ASSERT_TRUE(folders->keep("v1", source).ok());
    EXPECT_TRUE(folders->has("v1"));
    EXPECT_FALSE(folders->has("v2"));
    fs::remove_all(source);

    auto first = empty_folder();
    ASSERT_TRUE(folders->copy_to("v1", first));
    EXPECT_EQ(text_in(first / "main.tf"), "resource");
    EXPECT_EQ(text_in(first / ".terraform/modules/modules.json"), "{}");
    EXPECT_EQ(fs::read_symlink(first / "same.tf"), "main.tf");
    EXPECT_EQ(fs::read_symlink(first / ".terraform/providers/a/1.0.0/linux_amd64"), mirror);
    EXPECT_EQ(fs::status(first / "start.sh").permissions(), fs::perms::owner_all);
    EXPECT_EQ(fs::status(first / "main.tf").permissions(), fs::perms::owner_read | fs::perms::owner_write);

    // What a build does to its own folder.
    put(first / "main.tf", "evil");
    put(first / ".terraform/modules/modules.json", "evil");
    put(first / "terraform.tfstate", "a state");
    fs::remove(first / "same.tf");
    fs::permissions(first / "start.sh", fs::perms::none);
    auto second = empty_folder();
    ASSERT_TRUE(folders->copy_to("v1", second));
    EXPECT_EQ(text_in(second / "main.tf"), "resource");
    EXPECT_EQ(text_in(second / ".terraform/modules/modules.json"), "{}");
    EXPECT_EQ(text_in(second / "same.tf"), "resource");
    EXPECT_FALSE(fs::exists(second / "terraform.tfstate"));
}

TEST_F(PreparedFoldersTest, TheFirstOneIsKept) {
    auto folders = create();
    ASSERT_TRUE(folders->keep("v1", source).ok());
    put(source / "main.tf", "later");
    ASSERT_TRUE(folders->keep("v1", source).ok());
    auto copy = empty_folder();
    ASSERT_TRUE(folders->copy_to("v1", copy));
    EXPECT_EQ(text_in(copy / "main.tf"), "resource");
}

/// As somebody does it who does not want it to be seen.
void write_and_hide(const fs::path& path, const std::string& text) {
    auto before = fs::last_write_time(path);
    std::ofstream(path, std::ios::binary | std::ios::in | std::ios::out) << text;
    fs::last_write_time(path, before);
}

TEST_F(PreparedFoldersTest, WhatWasChangedIsMadeAnew) {
    struct Row {
        const char* name;
        std::function<void(const fs::path& kept)> change;
    };
    const Row rows[] = {
        {"content, with its size and time as before",
         [](const fs::path& kept) { write_and_hide(kept / "main.tf", "RESOURCE"); }},
        {"another file", [](const fs::path& kept) { put(kept / "more.tf", "more"); }},
        {"a file less", [](const fs::path& kept) { fs::remove(kept / "main.tf"); }},
        {"a file in the place of another",
         [](const fs::path& kept) {
             put(kept / "new", "RESOURCE");
             fs::rename(kept / "new", kept / "main.tf");
         }},
        {"a link that leads elsewhere",
         [](const fs::path& kept) {
             fs::remove(kept / "same.tf");
             fs::create_symlink("start.sh", kept / "same.tf");
         }},
        {"a link in the place of a file",
         [](const fs::path& kept) {
             fs::remove(kept / "main.tf");
             fs::create_symlink("/etc/passwd", kept / "main.tf");
         }},
        {"a mode", [](const fs::path& kept) { fs::permissions(kept / "main.tf", fs::perms::owner_all); }},
        {"everything gone", [](const fs::path& kept) { fs::remove_all(kept); }},
        {"the provider that it links to",
         [this](const fs::path&) { write_and_hide(mirror / "terraform-provider-a", "THE provider"); }},
        {"the provider's folder", [this](const fs::path&) { put(mirror / "another", ""); }},
        {"terraform", [this](const fs::path&) { write_and_hide(terraform, "another one"); }},
        {"terraform is gone", [this](const fs::path&) { fs::remove(terraform); }},
    };
    for (const auto& row : rows) {
        SCOPED_TRACE(row.name);
        auto folders = create();
        ASSERT_TRUE(folders->keep("v1", source).ok());
        ASSERT_TRUE(copies(*folders, "v1"));
        row.change(kept());
        EXPECT_FALSE(copies(*folders, "v1"));
        EXPECT_FALSE(folders->has("v1"));
        EXPECT_EQ(kept(), fs::path()) << "the changed folder stays";
        put(terraform, "the program");
        ASSERT_TRUE(folders->keep("v1", source).ok());
        EXPECT_TRUE(copies(*folders, "v1"));
    }
}

TEST_F(PreparedFoldersTest, WhatCannotBeCopiedIsNotKept) {
    struct Row {
        const char* name;
        const char* reason;
        std::function<void(const fs::path& added)> add;
    };
    const Row rows[] = {
        {"a pipe", "neither a file", [](const fs::path& added) { ::mkfifo(added.c_str(), 0600); }},
        {"a link into the folder itself", "depends on where it is",
         [this](const fs::path& added) { fs::create_symlink(source / "main.tf", added); }},
        {"too much", "larger", [](const fs::path& added) { put(added, std::string(5000, 'x')); }},
    };
    PreparedLimits limits;
    limits.bytes = 4000;
    auto folders = create(limits);
    for (const auto& row : rows) {
        SCOPED_TRACE(row.name);
        row.add(source / "added");
        auto refused = folders->keep("v1", source);
        ASSERT_FALSE(refused.ok());
        EXPECT_NE(refused.error().message().find(row.reason), std::string::npos) << refused.error().message();
        EXPECT_FALSE(folders->has("v1"));
        EXPECT_EQ(kept(), fs::path());
        fs::remove(source / "added");
    }
    EXPECT_TRUE(folders->keep("v1", source).ok());
}

TEST_F(PreparedFoldersTest, TheLeastUsedMakesRoom) {
    PreparedLimits limits;
    limits.folders = 2;
    auto folders = create(limits);
    for (const char* version : {"v1", "v2"}) {
        ASSERT_TRUE(folders->keep(version, source).ok());
        clock.advance(std::chrono::seconds(1));
    }
    ASSERT_TRUE(copies(*folders, "v1"));
    clock.advance(std::chrono::seconds(1));
    ASSERT_TRUE(folders->keep("v3", source).ok());
    EXPECT_TRUE(folders->has("v1"));
    EXPECT_FALSE(folders->has("v2"));
    EXPECT_TRUE(folders->has("v3"));
}

TEST_F(PreparedFoldersTest, AllTogetherHaveALimit) {
    PreparedLimits limits;
    limits.bytes = 2500;
    auto folders = create(limits);
    put(source / "large", std::string(1000, 'x'));
    for (const char* version : {"v1", "v2", "v3"}) {
        ASSERT_TRUE(folders->keep(version, source).ok());
        clock.advance(std::chrono::seconds(1));
    }
    EXPECT_FALSE(folders->has("v1"));
    EXPECT_TRUE(folders->has("v2"));
    EXPECT_TRUE(folders->has("v3"));
}

TEST_F(PreparedFoldersTest, WhatNobodyBuildsGoes) {
    auto folders = create();
    ASSERT_TRUE(folders->keep("old", source).ok());
    ASSERT_TRUE(folders->keep("used", source).ok());
    clock.advance(std::chrono::hours(5 * 24));
    ASSERT_TRUE(copies(*folders, "used"));
    clock.advance(std::chrono::hours(3 * 24));
    ASSERT_TRUE(folders->keep("new", source).ok());
    EXPECT_FALSE(folders->has("old"));
    EXPECT_TRUE(folders->has("used"));
}

TEST_F(PreparedFoldersTest, OnlyFoldersOfProcessesThatAreGoneAreRemoved) {
    // As a killed process leaves it, in the middle of a copy or not.
    put(root / "AbCdEf/lock", "");
    put(root / "AbCdEf/1/main.tf", "half");
    auto living = create();
    ASSERT_TRUE(living->keep("v1", source).ok());
    EXPECT_FALSE(fs::exists(root / "AbCdEf"));
    {
        auto other = create();
        EXPECT_FALSE(other->has("v1"));
        EXPECT_EQ(count_in(root), 3u) << "two folders and the lock";
    }
    EXPECT_TRUE(copies(*living, "v1"));
    living.reset();
    EXPECT_EQ(count_in(root), 1u);
}

TEST_F(PreparedFoldersTest, SeveralThreadsCopyKeepAndGiveUp) {
    PreparedLimits limits;
    limits.folders = 2;
    auto folders = create(limits);
    auto work = [&](int thread) {
        for (int i = 0; i < 30; ++i) {
            auto version = "v" + std::to_string((thread + i) % 4);
            auto into = temp.path() / ("thread-" + std::to_string(thread) + "-" + std::to_string(i));
            fs::create_directory(into);
            bool copied = folders->copy_to(version, into);
            EXPECT_TRUE(!copied || text_in(into / "main.tf") == "resource");
            auto done = folders->keep(version, source);
            EXPECT_TRUE(done.ok());
        }
    };
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 4; ++thread)
        threads.emplace_back(work, thread);
    for (auto& thread : threads)
        thread.join();
    int left = 0;
    for (const char* version : {"v0", "v1", "v2", "v3"})
        left += folders->has(version) ? 1 : 0;
    EXPECT_EQ(left, 2);
}

}  // namespace
}  // namespace berth::terraform
