#include "provisioner/terraform/last_values.h"

#include <fstream>
#include <sstream>

#include <gtest/gtest.h>
#include <unistd.h>

namespace berth::terraform {
namespace {

namespace fs = std::filesystem;

constexpr const char* root_module = R"(
data "coder_parameter" "region" {
  name = "region"
  dynamic "option" {
    for_each = local.regions
    content {
      name  = option.value
      value = option.value
    }
  }
}
data "coder_parameter" "size" {
  name = "size"
  type = "number"
  validation {
    max = var.largest
  }
}
data "coder_parameter" "text" {
  name = "text"
  validation {
    regex = "^[a-z]+$"
    error = "letters"
  }
}
data "coder_parameter" "flag" {
  name = "flag"
  type = "bool"
}
data "coder_parameter" "nameless" {
  name = local.name
}
resource "terraform_data" "other" {}
)";

constexpr const char* nested_module = R"x(
data "coder_parameter" "zones" {
  name = "zones"
  type = "list(string)"
  option {
    name  = "a"
    value = "a"
  }
}
)x";

class LastValues : public testing::Test {
protected:
    LastValues() {
        std::string pattern = (fs::temp_directory_path() / "berth-values-XXXXXX").string();
        folder = ::mkdtemp(pattern.data());
        write("main.tf", root_module);
        write("nested/main.tf", nested_module);
        write(".terraform/modules/modules.json",
              R"({"Modules":[{"Key":"m","Source":"./nested","Dir":"nested"}]})");
    }
    ~LastValues() override { fs::remove_all(folder); }

    void write(const std::string& name, const std::string& text) {
        fs::create_directories((folder / name).parent_path());
        std::ofstream(folder / name) << text;
    }
    [[nodiscard]] std::string written(const std::string& module = "") const {
        std::ostringstream text;
        text << std::ifstream(folder / module / "berth_last_values_override.tf").rdbuf();
        return text.str();
    }
    /// The names that are accepted when these addresses refused.
    std::vector<std::string> accept(const std::vector<std::string>& addresses) {
        std::vector<Diagnostic> errors;
        for (const auto& address : addresses)
            errors.emplace_back().address = address;
        auto names = accept_last_values(folder, errors, values);
        EXPECT_TRUE(names) << names.error().to_string();
        return *names;
    }

    fs::path folder;
    std::map<std::string, std::string> values{{"region", "it's \"${far}\"\\\n"},
                                              {"size", "9"},
                                              {"text", "A-1"},
                                              {"zones", R"(["a","b"])"},
                                              {"flag", "x"}};
};

using Names = std::vector<std::string>;

TEST_F(LastValues, EachKindOfParameterTakesItsOwn) {
    EXPECT_EQ(
        accept({"data.coder_parameter.region", "data.coder_parameter.size", "data.coder_parameter.text[0]",
                "data.coder_parameter.text[1]", "module.m[\"k\"].data.coder_parameter.zones"}),
        (Names{"region", "size", "text", "zones"}));
    EXPECT_EQ(written(),
              "data \"coder_parameter\" \"region\" {\n  option {\n"
              "    name  = \"it's \\\"$${far}\\\"\\\\\\u000a\"\n"
              "    value = \"it's \\\"$${far}\\\"\\\\\\u000a\"\n  }\n}\n"
              "data \"coder_parameter\" \"size\" {\n  validation {\n    min = 9\n    max = 9\n  }\n}\n"
              "data \"coder_parameter\" \"text\" {\n  validation {\n    regex = \"(?s).*\"\n"
              "    error = \"any text\"\n  }\n}\n");
    auto nested = written("nested");
    EXPECT_NE(nested.find("value = \"a\""), std::string::npos) << nested;
    EXPECT_NE(nested.find("value = \"b\""), std::string::npos) << nested;
}

TEST_F(LastValues, AnotherFailureIsLeftAlone) {
    for (const char* other :
         {"", "terraform_data.other", "data.coder_parameter.none", "data.coder_parameter.flag",
          "data.coder_parameter.nameless", "module.x.data.coder_parameter.region"}) {
        EXPECT_EQ(accept({"data.coder_parameter.size", other}), Names()) << other;
        EXPECT_EQ(written(), "") << other;
    }
    values.erase("size");
    EXPECT_EQ(accept({"data.coder_parameter.size"}), Names()) << "it never had a value";
    values["size"] = "1.5";
    EXPECT_EQ(accept({"data.coder_parameter.size"}), Names()) << "no limits make this one good";
    EXPECT_EQ(accept({}), Names());
}

}  // namespace
}  // namespace berth::terraform
