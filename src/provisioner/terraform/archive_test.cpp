#include "provisioner/terraform/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "provisioner/terraform/files.h"
#include "provisioner/terraform/session_testing.h"
#include "provisioner/terraform/template_folder.h"

namespace berth::terraform {
namespace {

namespace fs = std::filesystem;

struct Item {
    std::string path;
    std::string content;
    unsigned type = AE_IFREG;
    std::string link;
    bool hard = false;
    int mode = 0644;
};

std::string make_tar(const std::vector<Item>& items) {
    std::string out;
    auto* writer = archive_write_new();
    archive_write_set_format_gnutar(writer);
    archive_write_open(
        writer, &out, nullptr,
        [](struct archive*, void* to, const void* data, size_t size) {
            static_cast<std::string*>(to)->append(static_cast<const char*>(data), size);
            return static_cast<la_ssize_t>(size);
        },
        nullptr);
    for (const auto& item : items) {
        auto* entry = archive_entry_new();
        archive_entry_set_pathname(entry, item.path.c_str());
        archive_entry_set_filetype(entry, item.type);
        archive_entry_set_perm(entry, item.mode);
        archive_entry_set_size(entry, static_cast<la_int64_t>(item.content.size()));
        if (item.hard)
            archive_entry_set_hardlink(entry, item.link.c_str());
        else if (!item.link.empty())
            archive_entry_set_symlink(entry, item.link.c_str());
        archive_write_header(writer, entry);
        archive_write_data(writer, item.content.data(), item.content.size());
        archive_entry_free(entry);
    }
    archive_write_close(writer);
    archive_write_free(writer);
    return out;
}

Item link(std::string path, std::string target) { return {std::move(path), "", AE_IFLNK, std::move(target)}; }

struct Hostile {
    const char* name;
    std::vector<Item> items;
    const char* reason;
};

TEST(unpack_tar, refuses_hostile_archives) {
    Item hard{"b", "", AE_IFREG, "a", true};
    const std::vector<Hostile> cases{
        {"absolute", {{"/etc/x", "x"}}, "is absolute"},
        {"up", {{"../x", "x"}}, "leads out"},
        {"up inside", {{"a/../../x", "x"}}, "leads out"},
        {"backslash", {{"a\\..\\x", "x"}}, "backslash"},
        {"long name", {{std::string(300, 'n'), "x"}}, "too long"},
        {"hard link", {{"a", "x"}, hard}, "hard link"},
        {"fifo", {{"p", "", AE_IFIFO}}, "neither a file"},
        {"device", {{"d", "", AE_IFCHR}}, "neither a file"},
        {"absolute link", {link("l", "/etc/passwd")}, "leads out"},
        {"link up", {link("l", "../x")}, "leads out"},
        {"link to parent", {link("a/l", "../..")}, "leads out"},
        {"links that combine",
         {{"t/x", "x"}, link("p/q/r", "../../t"), link("y", "p/q/r/../..")},
         "leads out"},
        {"write through a link", {link("l", "t"), {"l/x", "x"}, {"t/x", "x"}}, "in place of something else"},
        {"file as folder", {{"a", "x"}, {"a/b", "x"}}, "a file where a folder"},
        {"too many", std::vector<Item>(12, Item{"a", "x"}), "more are coming"},
        {"too large", {{"a", std::string(600, 'x')}, {"b", std::string(600, 'x')}}, "unpacks to more"},
    };
    ArchiveLimits limits;
    limits.files = 10;
    limits.bytes = 1000;
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        TempFolder outer;
        auto into = outer.path() / "in";
        fs::create_directory(into);
        auto done = unpack_tar(make_tar(c.items), into, limits);
        ASSERT_FALSE(done.ok());
        EXPECT_NE(done.error().message().find(c.reason), std::string::npos) << done.error().message();
        EXPECT_EQ(std::distance(fs::directory_iterator(outer.path()), fs::directory_iterator()), 1);
    }
    TempFolder folder;
    for (const auto& damaged :
         {std::string("no tar at all"), make_tar({{"a", std::string(5000, 'x')}}).substr(0, 2000)})
        EXPECT_FALSE(unpack_tar(damaged, folder.path()).ok());
    EXPECT_FALSE(unpack_tar(make_tar({{"main.tf", "x"}}), folder.path(), {}, modules_folder).ok());
}

TEST(unpack_tar, keeps_what_is_good) {
    TempFolder folder;
    auto tar = make_tar({{"./", "", AE_IFDIR},
                         {"./main.tf", "old"},
                         {"main.tf", "new"},
                         {"bin/run.sh", "#!/bin/sh", AE_IFREG, "", false, 04755},
                         link("bin/again", "../bin/run.sh"),
                         {"empty", "", AE_IFDIR}});
    auto done = unpack_tar(tar, folder.path());
    ASSERT_TRUE(done.ok()) << done.error().to_string();
    EXPECT_EQ(read_file(folder.path() / "main.tf", 100).value_or(""), "new");
    EXPECT_EQ(fs::read_symlink(folder.path() / "bin/again"), "../bin/run.sh");
    EXPECT_EQ(fs::status(folder.path() / "bin/run.sh").permissions(), fs::perms::owner_all);
    EXPECT_TRUE(fs::is_directory(folder.path() / "empty"));
}

void put(const fs::path& path, const std::string& content) {
    fs::create_directories(path.parent_path());
    EXPECT_TRUE(write_private_file(path, content).ok());
}

TEST(pack_modules, drops_the_biggest_and_round_trips) {
    TempFolder folder;
    auto modules = folder.path() / ".terraform/modules";
    auto none = pack_modules(folder.path());
    ASSERT_TRUE(none.ok());
    EXPECT_TRUE(none->tar.empty());
    put(modules / "modules.json", "{}");
    put(modules / "small/main.tf", "small");
    put(modules / "small/.git/objects/x", "not packed");
    put(modules / "big/data", std::string(40'000, 'b'));
    put(modules / "middle/data", std::string(20'000, 'm'));
    ASSERT_EQ(::symlink("/etc/passwd", (modules / "small/out").c_str()), 0);
    ASSERT_EQ(::symlink("main.tf", (modules / "small/in").c_str()), 0);
    auto whole = pack_modules(folder.path());
    ASSERT_TRUE(whole.ok());
    EXPECT_TRUE(whole->dropped.empty());
    auto part = pack_modules(folder.path(), 40'000);
    ASSERT_TRUE(part.ok());
    EXPECT_EQ(part->dropped, std::vector<std::string>{"big"});
    EXPECT_LE(part->tar.size(), 40'000u);
    EXPECT_EQ(part->hash.size(), 32u);

    TempFolder other;
    auto unpacked = unpack_tar(part->tar, other.path(), {}, modules_folder);
    ASSERT_TRUE(unpacked.ok()) << unpacked.error().to_string();
    auto there = other.path() / ".terraform/modules";
    EXPECT_TRUE(fs::exists(there / "small/main.tf") && fs::is_symlink(there / "small/in"));
    EXPECT_FALSE(fs::exists(there / "small/.git") || fs::is_symlink(there / "small/out") ||
                 fs::exists(there / "big"));
    auto again = pack_modules(other.path());
    ASSERT_TRUE(again.ok());
    EXPECT_EQ(again->hash, part->hash);
}

// A build uses the providers that its import chose, whatever lock file the template brought.
TEST(pack_modules, carries_the_lock_file_to_its_place) {
    TempFolder imported;
    put(imported.path() / ".terraform.lock.hcl", "what init chose");
    auto packed = pack_modules(imported.path());
    ASSERT_TRUE(packed.ok());
    ASSERT_FALSE(packed->tar.empty()) << "without any module";

    TempFolder built;
    auto archive = make_tar({{"main.tf", "# nothing\n"}, {".terraform.lock.hcl", "what its author had"}});
    auto unpacked = unpack_template(built.path(), archive, packed->tar, {});
    ASSERT_TRUE(unpacked.ok()) << unpacked.error().to_string();
    EXPECT_EQ(read_file(built.path() / ".terraform.lock.hcl", 1000).value(), "what init chose");
    EXPECT_TRUE(fs::exists(built.path() / "main.tf"));
}

}  // namespace
}  // namespace berth::terraform
