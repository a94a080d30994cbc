#include "coderd/files/archive.h"

#include <gtest/gtest.h>

#include "coderd/files/archive_testing.h"

namespace berth::coderd {
namespace {

constexpr ArchiveBounds roomy{};

TEST(Archive, RefusesWhatIsNoArchive) {
    for (const auto& bad : {std::string(), std::string("PK"), std::string("hello, I am text"),
                            std::string(600, '\0'), std::string(4096, 'x')}) {
        auto tar = zip_to_tar(bad, roomy);
        ASSERT_FALSE(tar) << bad.size();
        EXPECT_EQ(tar.error().code(), ErrorCode::invalid_argument);
        auto zip = tar_to_zip(bad, roomy);
        ASSERT_FALSE(zip) << bad.size();
        EXPECT_EQ(zip.error().code(), ErrorCode::invalid_argument);
    }
}

TEST(Archive, RefusesCutOffArchives) {
    const std::string content(5000, 'a');
    auto zip = make_zip({{"main.tf", content}, {"README.md", "hi"}});
    for (std::size_t keep : {zip.size() / 4, zip.size() / 2}) {
        auto tar = zip_to_tar(std::string_view(zip).substr(0, keep), roomy);
        EXPECT_FALSE(tar) << keep;
    }
}

TEST(Archive, RefusesPathsOutside) {
    for (const char* path : {"../evil", "/etc/passwd", "a/../../evil", "a/.."}) {
        auto tar = zip_to_tar(make_zip({{"fine.tf", "x"}, {path, "x"}}), roomy);
        ASSERT_FALSE(tar) << path;
        EXPECT_EQ(tar.error().code(), ErrorCode::invalid_argument);
    }
}

// Zip bombs (PR 25877 of the original): small on the wire, huge when unpacked, or more entries than anybody
// needs.
TEST(Archive, RefusesZipBombs) {
    auto bomb = make_zip({{"zeros", std::string(8 << 20, '\0')}});
    ASSERT_LT(bomb.size(), std::size_t(64 << 10));
    auto tar = zip_to_tar(bomb, {.bytes = 1 << 20, .entries = 100});
    ASSERT_FALSE(tar);
    EXPECT_EQ(tar.error().code(), ErrorCode::too_large);

    ArchiveFiles many;
    for (int i = 0; i < 200; ++i)
        many.emplace_back("f" + std::to_string(i), "");
    auto crowded = zip_to_tar(make_zip(many), {.bytes = 1 << 20, .entries = 100});
    ASSERT_FALSE(crowded);
    EXPECT_EQ(crowded.error().code(), ErrorCode::too_large);
}

TEST(Archive, ConvertsBothWays) {
    ArchiveFiles files{
        {"main.tf", "terraform {}\n"}, {"modules/", ""}, {"modules/a.tf", std::string(200'000, 'q')}};
    auto tar = zip_to_tar(make_zip(files), roomy);
    ASSERT_TRUE(tar) << tar.error().to_string();
    EXPECT_EQ(list_archive(*tar), files);
    auto zip = tar_to_zip(*tar, roomy);
    ASSERT_TRUE(zip) << zip.error().to_string();
    EXPECT_TRUE(zip->starts_with("PK"));
    auto again = zip_to_tar(*zip, roomy);
    ASSERT_TRUE(again);
    EXPECT_EQ(list_archive(*again), files);
}

}  // namespace
}  // namespace berth::coderd
