#include "cli/output.h"

#include <gtest/gtest.h>

namespace berth::cli {
namespace {

TEST(PrettyJson, IndentsAndLeavesTextsAlone) {
    EXPECT_EQ(pretty_json("{}"), "{}");
    EXPECT_EQ(pretty_json("[]"), "[]");
    EXPECT_EQ(pretty_json(R"({"a":1,"b":[true,"x,{\"y\"}:"]})"),
              "{\n  \"a\": 1,\n  \"b\": [\n    true,\n    \"x,{\\\"y\\\"}:\"\n  ]\n}");
}

}  // namespace
}  // namespace berth::cli
