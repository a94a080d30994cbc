#include "provisioner/terraform/workspace_tags.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "provisioner/terraform/files.h"
#include "provisioner/terraform/session_testing.h"

namespace berth::terraform {
namespace {

namespace fs = std::filesystem;

using TagFiles = std::vector<std::pair<std::string, std::string>>;

std::string tags_block(const std::string& tags) {
    return "data \"coder_workspace_tags\" \"t\" {\n  tags = {\n" + tags + "\n  }\n}\n";
}

/// "key=value key=?"
std::string tags_in(const TagFiles& files, const GivenValues& given = {}) {
    TempFolder folder;
    for (const auto& [name, text] : files)
        EXPECT_TRUE(write_private_file(folder.path() / name, text).ok());
    auto tags = read_workspace_tags(folder.path(), given);
    if (!tags) return "! " + tags.error().message();
    std::vector<std::string> shown;
    for (const auto& [key, value] : tags->values)
        shown.push_back(key + "=" + value);
    for (const auto& key : tags->unknown)
        shown.push_back(key + "=?");
    return base::join(shown, " ");
}

constexpr auto definitions = R"(
variable "plain" { default = "from var" }
variable "count" { default = 3 }
variable "needed" { type = string }
locals {
  zone  = "${var.plain}-1"
  again = local.zone
  loop  = local.pool
  pool  = local.loop
  list  = ["a"]
}
data "coder_parameter" "os" {
  name    = "operating_system"
  default = "linux"
}
data "coder_parameter" "place" {
  name    = "place"
  default = local.zone
}
data "coder_parameter" "asked" { name = "asked" }
)";

TEST(WorkspaceTags, AreReadWithoutTerraform) {
    struct Row {
        std::string tag;
        std::string value;
    };
    for (const auto& [tag, value] : std::vector<Row>{
             {R"("eu")", "eu"},
             {R"("a \"b\" $${c} %%{d} \u00e9")", "a \"b\" ${c} %{d} \u00e9"},
             {"7", "7"},
             {"true", "true"},
             {"var.plain", "from var"},
             {"var.count", "3"},
             {"var.needed", "?"},
             {"var.nothing", "?"},
             {R"("${var.plain}")", "from var"},
             {R"("x-${ var.count }-\"${local.zone}\"$${y}")", "x-3-\"from var-1\"${y}"},
             {R"("x-${var.needed}")", "?"},
             {R"("%{ if true }x%{ endif }")", "?"},
             {"local.again", "from var-1"},
             {"local.loop", "?"},
             {"local.list", "?"},
             {"null", "?"},
             {R"(["a"])", "?"},
             {"data.coder_parameter.os.value", "linux"},
             {"data.coder_parameter.place.value", "from var-1"},
             {"data.coder_parameter.asked.value", "?"},
             {"data.coder_parameter.os.name", "?"},
             {"data.coder_workspace_owner.me.name", "?"},
             {R"(lower("EU"))", "?"},
             {R"(var.count > 2 ? "a" : "b")", "?"},
             {R"("${"eu"}")", "eu"},
         })
        EXPECT_EQ(tags_in({{"main.tf", definitions + tags_block("key = " + tag)}}), "key=" + value) << tag;
}

TEST(WorkspaceTags, FollowWhatIsGivenAndTheFiles) {
    const auto all = tags_block(
        "v = var.plain\n n = var.needed\n os = data.coder_parameter.os.value\n \"a k\" = "
        "data.coder_parameter.asked.value");
    struct Row {
        TagFiles more;
        GivenValues given;
        std::string tags;
    };
    for (
        const auto& row : std::vector<Row>{
            {{}, {}, "os=linux v=from var a k=? n=?"},
            {{{"terraform.tfvars", "plain = \"file\"\nneeded = \"n\"\n"}}, {}, "n=n os=linux v=file a k=?"},
            {{{"terraform.tfvars", "plain = \"file\"\n"}},
             {{{"plain", "given"}, {"needed", "x"}}, {{"operating_system", "bsd"}, {"asked", "yes"}}},
             "a k=yes n=x os=bsd v=given"},
            // By the parameter's name, not the block's.
            {{}, {{}, {{"os", "bsd"}}}, "os=linux v=from var a k=? n=?"},
            {{{"x_override.tf", "variable \"plain\" {\n  default = \"over\"\n}\n"}},
             {},
             "os=linux v=over a k=? n=?"},
            {{{"more.tf.json",
               R"({"locals": {"l": "j"}, "data": {"coder_parameter": {"js": {"name": "js", "default": "${local.l}-d"}}, "coder_workspace_tags": {"more": {"tags": {"js": "${data.coder_parameter.js.value}", "no": 1}}}}})"}},
             {},
             "js=j-d no=1 os=linux v=from var a k=? n=?"},
        }) {
        auto files = row.more;
        files.emplace_back("main.tf", definitions + all);
        EXPECT_EQ(tags_in(files, row.given), row.tags) << (row.more.empty() ? "" : row.more[0].first);
    }
    EXPECT_EQ(tags_in({{"main.tf", definitions}}), "");
}

TEST(WorkspaceTags, BadFilesAreRefusedAndHostileOnesEnd) {
    EXPECT_TRUE(tags_in({{"main.tf", "data \"coder_workspace_tags\" {{{"}}).starts_with("! "));
    EXPECT_TRUE(tags_in({{"main.tf", tags_block("k = \"x\"") + "variable \"a\" {\n  default = f(\n"}})
                    .starts_with("! "));
    std::string nested = "\"";
    for (int i = 0; i < 40; ++i)
        nested += "${\"";
    EXPECT_NE(tags_in({{"main.tf", tags_block("k = " + nested)}}), "k=");
    // Each local doubles the one before.
    std::string doubling = "locals {\n  l0 = \"xxxxxxxx\"\n";
    for (int i = 1; i <= 40; ++i)
        doubling += "  l" + std::to_string(i) + " = \"${local.l" + std::to_string(i - 1) + "}${local.l" +
                    std::to_string(i - 1) + "}\"\n";
    EXPECT_EQ(tags_in({{"main.tf", doubling + "}\n" + tags_block("k = local.l40")}}), "k=?");
}

TEST(WorkspaceTags, OfAnArchiveThatLeavesNothingBehind) {
    TempFolder root;
    auto archive = tar_of(TagFiles{{"main.tf", definitions + tags_block("k = var.plain")}});
    auto tags = read_archived_tags(root.path() / "tags", archive, {});
    ASSERT_TRUE(tags) << tags.error().to_string();
    EXPECT_EQ(tags->values, (std::map<std::string, std::string>{{"k", "from var"}}));
    EXPECT_FALSE(read_archived_tags(root.path() / "tags", "no archive", {}));
    EXPECT_TRUE(fs::is_empty(root.path() / "tags"));
}

}  // namespace
}  // namespace berth::terraform
