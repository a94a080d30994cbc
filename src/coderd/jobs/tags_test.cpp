#include "coderd/jobs/tags.h"

#include <gtest/gtest.h>

namespace berth::coderd {
namespace {

const Tags organization{{"scope", "organization"}, {"owner", ""}};

Tags with(Tags tags, const Tags& more) {
    for (const auto& [key, value] : more)
        tags[key] = value;
    return tags;
}

TEST(Tags, CompletesScopeAndOwner) {
    auto user = Uuid::random();
    EXPECT_EQ(complete_tags({}, user), organization);
    EXPECT_EQ(complete_tags({{"scope", "nonsense"}, {"owner", "me"}}, user), organization);
    EXPECT_EQ(complete_tags({{"scope", "organization"}, {"owner", "somebody"}}, user), organization);
    // Nobody may send a job to another user's daemon by naming them.
    EXPECT_EQ(complete_tags({{"scope", "user"}, {"owner", Uuid::random().to_string()}}, user),
              (Tags{{"scope", "user"}, {"owner", user.to_string()}}));
    EXPECT_EQ(complete_tags({{"gpu", "1"}}, user), with(organization, {{"gpu", "1"}}));
}

TEST(Tags, Matching) {
    struct Row {
        Tags daemon;
        Tags job;
        bool match;
    };
    const Tags gpu = with(organization, {{"gpu", "1"}});
    const Tags gpu_big = with(gpu, {{"size", "big"}});
    const Row rows[] = {
        {organization, organization, true},
        {gpu, organization, false},
        {organization, gpu, false},
        {gpu, gpu, true},
        {gpu_big, gpu, true},
        {gpu, gpu_big, false},
        {with(organization, {{"gpu", "2"}}), gpu, false},
        {{{"scope", "user"}, {"owner", "a"}}, {{"scope", "user"}, {"owner", "b"}}, false},
        {{{"scope", "user"}, {"owner", "a"}}, {{"scope", "user"}, {"owner", "a"}}, true},
        {organization, {{"scope", "user"}, {"owner", "a"}}, false},
    };
    for (const auto& row : rows)
        EXPECT_EQ(tags_match(row.daemon, row.job), row.match)
            << tags_to_json(row.daemon) << tags_to_json(row.job);
}

TEST(Tags, Json) {
    for (const char* bad : {"", "[]", "null", "{", R"({"a":1})", R"({"a":{"b":"c"}})"})
        EXPECT_FALSE(tags_from_json(bad)) << bad;
    auto back = tags_from_json(tags_to_json({{"a", "\"x\""}, {"b", ""}}));
    ASSERT_TRUE(back);
    EXPECT_EQ(*back, (Tags{{"a", "\"x\""}, {"b", ""}}));
}

}  // namespace
}  // namespace berth::coderd
