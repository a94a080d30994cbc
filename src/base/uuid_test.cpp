#include "base/uuid.h"

#include <set>

#include <gtest/gtest.h>

namespace berth {
namespace {

TEST(UuidTest, RefusesEverythingButTheCanonicalForm) {
    for (std::string_view text :
         {"", "6ba7b810", "6ba7b8109dad11d180b400c04fd430c8", "{6ba7b810-9dad-11d1-80b4-00c04fd430c8}",
          "6ba7b810-9dad-11d1-80b4-00c04fd430c", "6ba7b810-9dad-11d1-80b4-00c04fd430c8 ",
          "6ba7b810-9dad-11d1-80b4-00c04fd430cg", "6ba7b810_9dad-11d1-80b4-00c04fd430c8",
          "-6ba7b81-9dad-11d1-80b4-00c04fd430c8"})
        EXPECT_FALSE(Uuid::parse(text)) << text;
    for (std::string_view raw : {std::string_view("", 0), std::string_view("123456789012345", 15)})
        EXPECT_FALSE(Uuid::from_bytes(raw));
}

TEST(UuidTest, ReadsEitherCaseAndWritesLower) {
    auto id = Uuid::parse("6BA7B810-9dad-11d1-80B4-00c04fd430c8");
    ASSERT_TRUE(id);
    EXPECT_EQ(id->to_string(), "6ba7b810-9dad-11d1-80b4-00c04fd430c8");
    EXPECT_EQ(Uuid::from_bytes(id->raw()), id);
    EXPECT_FALSE(id->is_nil());
    EXPECT_TRUE(Uuid().is_nil());
}

TEST(UuidTest, RandomIdsAreVersionFourAndDiffer) {
    std::set<Uuid> seen;
    for (int i = 0; i < 1000; ++i) {
        Uuid id = Uuid::random();
        std::string text = id.to_string();
        EXPECT_EQ(text[14], '4');
        EXPECT_NE(std::string("89ab").find(text[19]), std::string::npos);
        seen.insert(id);
    }
    EXPECT_EQ(seen.size(), 1000u);
}

}  // namespace
}  // namespace berth
