#include "cli/workspace_name.h"

#include <gtest/gtest.h>

namespace berth::cli {
namespace {

TEST(WorkspaceName, Parses) {
    struct Case {
        const char* text;
        const char* owner;
        const char* workspace;
        const char* agent;
    };
    for (auto [text, owner, workspace, agent] :
         {Case{"ws", "me", "ws", ""}, Case{"amy/ws", "amy", "ws", ""}, Case{"ws.main", "me", "ws", "main"},
          Case{"amy/ws.main", "amy", "ws", "main"}, Case{"amy--ws", "amy", "ws", ""},
          Case{"amy--ws--main", "amy", "ws", "main"}, Case{"amy--ws.main", "amy", "ws", "main"},
          Case{"my-ws", "me", "my-ws", ""}}) {
        auto name = WorkspaceName::parse(text);
        ASSERT_TRUE(name) << text;
        EXPECT_EQ(name->owner, owner) << text;
        EXPECT_EQ(name->workspace, workspace) << text;
        EXPECT_EQ(name->agent, agent) << text;
    }
}

TEST(WorkspaceName, Refuses) {
    for (const char* text :
         {"", "/", "a/", "/a", "a/b/c", "a b", "-x", "a.", ".a", "a--b--c--d", "../x", "a/-oProxy"})
        EXPECT_FALSE(WorkspaceName::parse(text)) << text;
}

}  // namespace
}  // namespace berth::cli
