#include "provisioner/terraform/hcl.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "provisioner/terraform/hcl_scanner.h"

namespace berth::terraform::hcl {
namespace {

struct Bad {
    const char* source;
    const char* error;
};

TEST(hcl, refuses_with_the_place) {
    const std::vector<Bad> cases{
        {"resource \"a\" \"b\" {\n", "t.tf:1:1: this block is never closed"},
        {"a = 1\na = 2\n", "t.tf:2:1: \"a\" was set already on line 1"},
        {"a = \n", "t.tf:1:5: an expression is missing here"},
        {"a = [1, 2\n", "t.tf:1:6: a closing ] is missing"},
        {"a = [1, (2]\n", "t.tf:1:11: expected ) before this ]"},
        {"a = \"open\nb = 1\n", "t.tf:1:5: this string is not closed on its line"},
        {"a = \"${ {\"\n", "t.tf:1:10: this string is not closed on its line"},
        {"a = <<EOT\nno end\n", "t.tf:1:5: this heredoc has no closing EOT"},
        {"a = <<EOT x\nEOT\n", "t.tf:1:10: a heredoc's text begins on the line after <<EOT"},
        {"/* never\n", "t.tf:1:1: this comment is never closed"},
        {"}\n", "t.tf:1:1: expected the name of an argument or a block, not '}'"},
        {"a \"b\" c\n", "t.tf:1:8: expected = or a block after \"a\""},
        {"a = 1 b = 2\nc {} d = 1\n", "t.tf:2:6: expected the end of the line here"},
        {"a \"${x}\" {}\n", "t.tf:1:3: this name must be a plain string"},
        {"a = \"\xff\"\n", "t.tf: not UTF-8 text"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.source);
        auto body = parse(c.source, "t.tf");
        ASSERT_FALSE(body.ok());
        EXPECT_EQ(body.error().message(), c.error);
    }
}

TEST(hcl, is_bounded) {
    std::string deep = "a = " + std::string(100'000, '[') + "\n";
    EXPECT_EQ(parse(deep, "t.tf").error().message(), "t.tf:1:69: nested too deeply");
    std::string blocks;
    for (int i = 0; i < 100; ++i)
        blocks += "b {\n";
    EXPECT_FALSE(parse(blocks, "t.tf").ok());
    Limits few;
    few.items = 3;
    EXPECT_FALSE(parse("a=1\nb=1\nc=1\nd=1\n", "t.tf", few).ok());
    few.bytes = 4;
    EXPECT_EQ(parse("a=1\nb=1\n", "t.tf", few).error().code(), ErrorCode::too_large);
}

struct Constant {
    const char* expression;
    /// JSON; nothing when it must be evaluated.
    std::optional<std::string> value;
};

TEST(hcl, reads_literal_values) {
    const std::vector<Constant> cases{
        {"var.x", std::nullopt},
        {"\"a${b}\"", std::nullopt},
        {"1 + 2", std::nullopt},
        {"[1, local.x]", std::nullopt},
        {"{ for k in x : k => 1 }", std::nullopt},
        {"jsonencode([])", std::nullopt},
        {"-x", std::nullopt},
        {"\"\\q\"", std::nullopt},
        {"\"\\uD800\"", std::nullopt},
        {"1.2.3", std::nullopt},
        {"true", "true"},
        {"null", "null"},
        {"-3", "-3"},
        {"2.5e+2", "250"},
        {"010.50", "1.05E1"},
        {"0.1e-2", "1E-3"},
        {"0e5", "0"},
        {"(7)", "7"},
        {"- (\n 7 )", "-7"},
        {"--7", "7"},
        {"-9223372036854775808", "-9223372036854775808"},
        {"18446744073709551615", "18446744073709551615"},
        // They would be rounded.
        {"-9223372036854775809", std::nullopt},
        {"18446744073709551616", std::nullopt},
        {"0.1234567890123456", std::nullopt},
        {"[1e400]", std::nullopt},
        {"1e999999999999", std::nullopt},
        {"1.", std::nullopt},
        {"1e", std::nullopt},
        {"1e+-5", std::nullopt},
        {"-\"5\"", std::nullopt},
        {"-true", std::nullopt},
        {"-", std::nullopt},
        {"-1 + 2", std::nullopt},
        {"[1, 2][0]", std::nullopt},
        {"{ 80 = \"http\", 1.50 = 1, -1 = 2, 1e3 = 3 }", "{\"80\":\"http\",\"1.5\":1,\"-1\":2,\"1000\":3}"},
        {"{ 0.0000001 = 1 }", "{\"0.0000001\":1}"},
        {"{ (80) = 1, (\"x y\") = (2), (true) = 3, true = 4 }", "{\"80\":1,\"x y\":2,\"true\":4}"},
        {"{ (null) = 1 }", std::nullopt},
        {"{ ([1]) = 1 }", std::nullopt},
        {"{ (var.x) = 1 }", std::nullopt},
        {"{ a.b = 1 }", std::nullopt},
        {"{ 1 + 2 = 1 }", std::nullopt},
        {"{ 18446744073709551616 = 1 }", std::nullopt},
        {"\"a\\n\\\"b\\\" \\u00e9 $${x} %%{y}\"", "\"a\\n\\\"b\\\" \xc3\xa9 ${x} %{y}\""},
        {"[1, \"b\", # comment\n  [true],\n]", "[1,\"b\",[true]]"},
        {"{ a = 1, \"b\" : 2\n c = { d = null } }", "{\"a\":1,\"b\":2,\"c\":{\"d\":null}}"},
        {"<<EOT\nline \\n 1\n  line 2\nEOT", "\"line \\\\n 1\\n  line 2\\n\""},
        {"<<-EOT\n    a\n      b\n    EOT", "\"a\\n  b\\n\""},
        {"<<EOT\nEOT", "\"\""},
        {"<<EOT\n${x}\nEOT", std::nullopt},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.expression);
        auto body = parse(std::string("v = ") + c.expression + "\n", "t.tf");
        ASSERT_TRUE(body.ok()) << body.error().to_string();
        const auto& constant = body->attributes.at(0).value.constant;
        ASSERT_EQ(constant.has_value(), c.value.has_value());
        if (constant) {
            EXPECT_EQ(boost::json::serialize(*constant), *c.value);
        }
    }
}

TEST(hcl, a_number_in_a_text_is_as_terraform_writes_it) {
    for (const auto& [number, text] :
         std::vector<std::pair<boost::json::value, std::string>>{{1.5, "1.5"},
                                                                 {-0.25, "-0.25"},
                                                                 {1e-7, "0.0000001"},
                                                                 {7, "7"},
                                                                 {1e22, "10000000000000000000000"}})
        EXPECT_EQ(number_text(number), text);
}

TEST(hcl, skips_what_it_does_not_read) {
    auto body = parse(R"(# comment
locals { one_line = "x" }
resource "a" b {   // comment
  text  = "}${ f("}", { x = "{" }) }{"   /* } */
  list  = [for x in y : x if x != "]"]
  doc   = f(<<-EOT
    } not the end ${ "EOT" }
    EOT
    , 2)
  nested "l" {
    deep = cond ? 1 : 2
  }
}
last = 1)",
                      "t.tf");
    ASSERT_TRUE(body.ok()) << body.error().to_string();
    ASSERT_EQ(body->blocks.size(), 2u);
    EXPECT_EQ(body->blocks[1].labels, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(body->blocks[1].where.line, 3);
    ASSERT_EQ(body->blocks[1].body.attributes.size(), 3u);
    EXPECT_EQ(body->blocks[1].body.attributes[1].value.text, "[for x in y : x if x != \"]\"]");
    EXPECT_EQ(body->blocks[1].body.blocks.at(0).body.attributes.at(0).value.text, "cond ? 1 : 2");
    EXPECT_EQ(body->attributes.at(0).name, "last");
}

TEST(hcl, splits_objects) {
    auto body = parse(
        "tags = {\n  \"a b\" = \"x\"\n  c : var.y, d = f({ e = 1 })\n}\nno = merge({}, {})\n"
        "computed = { (var.k) = 1 }\n",
        "t.tf");
    ASSERT_TRUE(body.ok());
    auto items = object_items(body->attributes[0].value, "t.tf");
    ASSERT_TRUE(items.ok() && *items);
    std::vector<std::pair<std::string, std::string>> got;
    for (const auto& [key, value] : **items)
        got.emplace_back(key, value.text);
    EXPECT_EQ(got, (std::vector<std::pair<std::string, std::string>>{
                       {"a b", "\"x\""}, {"c", "var.y"}, {"d", "f({ e = 1 })"}}));
    for (int i : {1, 2}) {
        auto none = object_items(body->attributes[i].value, "t.tf");
        ASSERT_TRUE(none.ok());
        EXPECT_FALSE(none->has_value());
    }
}

}  // namespace
}  // namespace berth::terraform::hcl
