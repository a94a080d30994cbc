#include "rbac/resource.h"

#include <fstream>
#include <set>

#include <gtest/gtest.h>

#include "base/text.h"
#include "rbac/role.h"
#include "rbac/scope.h"

namespace berth::rbac {
namespace {

struct FactRow {
    std::string kind;
    std::string value;
    std::string info;
};

std::vector<FactRow> read_facts() {
    std::ifstream file(RBAC_TESTDATA "/scopes_and_rbac.tsv");
    std::vector<FactRow> rows;
    for (std::string line; std::getline(file, line);) {
        auto cells = base::split(line, '\t');
        if (cells.size() < 2 || cells[0] == "kind") continue;
        rows.push_back(
            {std::string(cells[0]), std::string(cells[1]), cells.size() > 2 ? std::string(cells[2]) : ""});
    }
    return rows;
}

TEST(Facts, EveryResourceHasItsActions) {
    std::set<std::string_view> known;
    for (const auto& row : read_facts()) {
        if (row.kind != "resource") continue;
        auto resource = parse_resource(row.value);
        ASSERT_TRUE(resource) << row.value;
        known.insert(to_string(*resource));
        if (row.value == "*") continue;
        ActionSet expected;
        for (auto name : base::split(row.info, ',')) {
            auto action = parse_action(name);
            ASSERT_TRUE(action) << name;
            expected |= *action;
        }
        EXPECT_TRUE(valid_actions(*resource) == expected) << row.value;
    }
    EXPECT_EQ(known.size(), all_resources().size());
}

TEST(Facts, EveryActionParses) {
    std::size_t count = 0;
    for (const auto& row : read_facts()) {
        if (row.kind != "action") continue;
        ++count;
        auto action = parse_action(row.value);
        ASSERT_TRUE(action) << row.value;
        EXPECT_EQ(to_string(*action), row.value);
    }
    EXPECT_EQ(count, all_actions().size());
}

TEST(Facts, EveryRoleIsBuiltIn) {
    std::size_t count = 0;
    for (const auto& row : read_facts()) {
        if (row.kind != "role") continue;
        ++count;
        bool site = built_in_site_role(row.value).has_value();
        bool organization = built_in_organization_role(row.value, Uuid{}).has_value();
        EXPECT_EQ(site, row.info == "site") << row.value;
        EXPECT_EQ(organization, row.info == "organization") << row.value;
    }
    EXPECT_EQ(count, built_in_site_role_names().size() + built_in_organization_role_names().size());
}

TEST(Facts, EveryScopeExpandsAndThePublicOnesAreListed) {
    std::set<std::string> expected;
    for (const auto& row : read_facts()) {
        if (row.kind != "scope") continue;
        EXPECT_TRUE(is_scope_name(row.value)) << row.value;
        if (row.info.starts_with("public")) expected.insert(row.value);
    }
    auto names = public_scope_names();
    EXPECT_EQ(std::set<std::string>(names.begin(), names.end()), expected);
}

TEST(Names, ForeignOnesAreRefused) {
    for (std::string_view name : {"", "Workspace", "workspaces", "template_", "* "})
        EXPECT_FALSE(parse_resource(name)) << name;
    for (std::string_view name : {"", "*", "Read", "delete_"})
        EXPECT_FALSE(parse_action(name)) << name;
}

}  // namespace
}  // namespace berth::rbac
