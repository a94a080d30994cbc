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
  name      = "zones"
  type      = "list(string)"
  form_type = var.form
  option {
    name  = "a"
    value = "a"
  }
}
data "coder_parameter" "pair" {
  name = "pair"
  type = "list(string)"
  option {
    name  = "a"
    value = "[\"a\"]"
  }
}
data "coder_parameter" "tags" {
  name = "tags"
  type = "list(string)"
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
                                              {"pair", R"(["c"])"},
                                              {"tags", "x"},
                                              {"flag", "T"}};
};

using Names = std::vector<std::string>;

constexpr const char* no_validation = "  dynamic \"validation\" {\n    for_each = []\n    content {}\n  }\n";

std::string block(const std::string& label, const std::string& body) {
    return "data \"coder_parameter\" \"" + label + "\" {\n" + body + no_validation + "}\n";
}

std::string option(const std::string& text) {
    return "  option {\n    name  = " + text + "\n    value = " + text + "\n  }\n";
}

TEST_F(LastValues, EachKindOfParameterTakesItsOwn) {
    EXPECT_EQ(
        accept({"data.coder_parameter.region", "data.coder_parameter.size", "data.coder_parameter.text[0]",
                "data.coder_parameter.text[1]", "data.coder_parameter.flag",
                "module.m[\"k\"].data.coder_parameter.zones", "module.m[\"k\"].data.coder_parameter.pair"}),
        (Names{"flag", "region", "size", "text", "pair", "zones"}));
    EXPECT_EQ(written(), block("region", option("\"it's \\\"$${far}\\\"\\\\\\u000a\"")) + block("size", "") +
                             block("text", "") + block("flag", ""));
    EXPECT_EQ(written("nested"),
              block("zones", "  form_type = \"radio\"\n" + option("\"[\\\"a\\\",\\\"b\\\"]\"")) +
                  block("pair", option("\"[\\\"c\\\"]\"")));
}

TEST_F(LastValues, AnotherFailureIsLeftAlone) {
    for (const char* other :
         {"", "terraform_data.other", "data.coder_parameter.none", "module.m.data.coder_parameter.tags",
          "data.coder_parameter.nameless", "module.x.data.coder_parameter.region"}) {
        EXPECT_EQ(accept({"data.coder_parameter.size", other}), Names()) << other;
        EXPECT_EQ(written(), "") << other;
    }
    values.erase("size");
    EXPECT_EQ(accept({"data.coder_parameter.size"}), Names()) << "it never had a value";
    values["size"] = "many";
    EXPECT_EQ(accept({"data.coder_parameter.size"}), Names()) << "without limits it is no number either";
    values["flag"] = "x";
    EXPECT_EQ(accept({"data.coder_parameter.flag"}), Names()) << "it is not true or false";
    EXPECT_EQ(accept({}), Names());
}

}  // namespace
}  // namespace berth::terraform
