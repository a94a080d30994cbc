#include "cli/template_variables.h"

#include <fstream>

#include <gtest/gtest.h>

namespace berth::cli {
namespace {

using Values = std::map<std::string, std::string>;

TEST(VariablesFile, ReadsAMapOfValues) {
    const std::vector<std::pair<std::string, Values>> cases{
        {"", {}},
        {"# nothing\n", {}},
        {"region: eu\nsize: 3\nlarge: 1.50\non: true\n",
         {{"region", "eu"}, {"size", "3"}, {"large", "1.50"}, {"on", "true"}}},
        {"a: \"\"\nb: \"3\"\nc: ' x '\n", {{"a", ""}, {"b", "3"}, {"c", " x "}}},
        {"zones: [a, \"2\", 2, true, null]\n", {{"zones", R"(["a","2",2,true,null])"}}},
        {"sizes:\n  small: 1\n  names:\n    - x\n", {{"sizes", R"({"small":1,"names":["x"]})"}}},
        {"text: |\n  one\n  two\n", {{"text", "one\ntwo\n"}}},
        {"base: &b [1]\nother: *b\n", {{"base", "[1]"}, {"other", "[1]"}}},
        {R"({"json": {"k": "v"}})", {{"json", R"({"k":"v"})"}}},
    };
    for (const auto& [yaml, wanted] : cases) {
        SCOPED_TRACE(yaml);
        auto values = read_variables(yaml, "v.yaml");
        ASSERT_TRUE(values.ok()) << values.error().to_string();
        EXPECT_EQ(*values, wanted);
    }
}

/// Ten aliases of ten aliases …: more than there is memory for.
std::string laughing() {
    std::string yaml = "a0: &a0 [x]\n";
    for (int i = 1; i < 12; ++i) {
        std::string before = "*a" + std::to_string(i - 1);
        yaml += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
        for (int n = 1; n < 10; ++n)
            yaml += ", " + before;
        yaml += "]\n";
    }
    return yaml;
}

TEST(VariablesFile, RefusesWithThePlaceAndWithoutValues) {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"a: b: s3cret", "v.yaml:1: not valid YAML: "},
        {"x: 1\na: [s3cret", "v.yaml:"},
        {"- s3cret", "v.yaml: must be a map of variables"},
        {"s3cret", "v.yaml: must be a map of variables"},
        {"a: 1\nb:\n", "v.yaml:2: \"b\" has no value; an empty text is \"\""},
        {"a: s3cret\na: 2\n", "v.yaml:2: not valid YAML: \"a\" stands twice"},
        {"[a, b]: s3cret", "v.yaml:1: not valid YAML: a key must be a text"},
        {laughing(), "v.yaml:"},
        {std::string((1 << 20) + 1, '#'), "v.yaml is larger than 1 MiB"},
    };
    for (const auto& [yaml, message] : cases) {
        SCOPED_TRACE(message);
        auto values = read_variables(yaml, "v.yaml");
        ASSERT_FALSE(values.ok());
        EXPECT_TRUE(values.error().message().starts_with(message)) << values.error().message();
        EXPECT_EQ(values.error().to_string().find("s3cret"), std::string::npos) << values.error().to_string();
    }
}

TEST(RequiredVariables, AreThoseThatTerraformAndOpenTofuBothNeed) {
    using Files = std::vector<std::pair<std::string, std::string>>;
    const std::string needed = "variable \"a\" {}\nvariable \"b\" {}\n";
    const std::vector<std::pair<Files, std::string>> cases{
        {{}, ""},
        {{{"main.tf", needed}}, "a b "},
        {{{"main.tf", needed + "variable \"c\" {\n default = 1 + 2\n}\n"}}, "a b "},
        {{{"main.tf", needed}, {"terraform.tfvars", "a = 1 + 2\n"}}, "b "},
        // OpenTofu takes the second file in place of the first.
        {{{"main.tf", needed}, {"main.tofu", "variable \"a\" {}\nvariable \"b\" { default = 1 }\n"}}, "a "},
        {{{"main.tf", needed}, {"main.tofu", "variable \"a\" {}\n"}}, "a "},
        {{{"main.tf", "variable \"a\" { default = 1 }"}, {"main.tofu", needed}}, ""},
        {{{"main.tf", needed}, {"override.tofu", "variable \"a\" { default = 1 }"}}, "b "},
        {{{"main.tofu", needed}}, "a b "},
        {{{"main.tf", needed + "}"}}, ""},
    };
    for (const auto& [files, wanted] : cases) {
        SCOPED_TRACE(wanted + (files.empty() ? "" : files.back().first + ": " + files.back().second));
        auto folder = std::filesystem::temp_directory_path() / ("berth-" + Uuid::random().to_string());
        std::filesystem::create_directory(folder);
        for (const auto& [name, content] : files)
            std::ofstream(folder / name) << content;
        std::string names;
        for (const auto& variable : required_variables(folder))
            names += variable.name() + " ";
        EXPECT_EQ(names, wanted);
        std::filesystem::remove_all(folder);
    }
}

}  // namespace
}  // namespace berth::cli
