#include "coderd/builds/parameters.h"

#include <gtest/gtest.h>

namespace berth::coderd {
namespace {

db::TemplateVersionParameter definition(std::string name, std::string type) {
    db::TemplateVersionParameter parameter;
    parameter.name = std::move(name);
    parameter.type = std::move(type);
    parameter.options = "[]";
    parameter.mutable_ = true;
    return parameter;
}

TEST(ParameterComplaint, NamesWhatIsWrong) {
    auto number = definition("n", "number");
    number.validation_min = 1;
    number.validation_max = 8;
    auto grows = definition("g", "number");
    grows.validation_monotonic = "increasing";
    auto shrinks = definition("s", "number");
    shrinks.validation_monotonic = "decreasing";
    auto choice = definition("c", "string");
    choice.options = R"([{"name":"A","value":"a"},{"name":"B","value":"b"}])";
    auto several = choice;
    several.type = "list(string)";
    auto pattern = definition("p", "string");
    pattern.validation_regex = "^[a-z]+$";
    auto broken = definition("x", "string");
    broken.validation_regex = "([";
    struct Case {
        const db::TemplateVersionParameter& definition;
        std::string value;
        const char* before;
        bool good;
    };
    for (const auto& [parameter, value, before, good] : {
             Case{number, "1", nullptr, true},
             Case{number, "8", nullptr, true},
             Case{number, "0", nullptr, false},
             Case{number, "9", nullptr, false},
             Case{number, "x", nullptr, false},
             Case{number, "", nullptr, false},
             Case{number, "2.5", nullptr, false},
             Case{grows, "5", "5", true},
             Case{grows, "4", "5", false},
             Case{grows, "6", "5", true},
             Case{shrinks, "6", "5", false},
             Case{shrinks, "4", "5", true},
             Case{choice, "a", nullptr, true},
             Case{choice, "z", nullptr, false},
             Case{several, R"(["a","b"])", nullptr, true},
             Case{several, R"(["z"])", nullptr, false},
             Case{several, R"([1])", nullptr, false},
             Case{several, "a", nullptr, false},
             Case{definition("b", "bool"), "true", nullptr, true},
             Case{definition("b", "bool"), "yes", nullptr, false},
             Case{definition("t", "string"), "", nullptr, true},
             Case{pattern, "abc", nullptr, true},
             Case{pattern, "aBc", nullptr, false},
             Case{pattern, "", nullptr, false},
             Case{broken, "anything", nullptr, true},
             Case{definition("t", "string"), std::string(1 << 20, 'x'), nullptr, false},
         }) {
        std::string previous = before != nullptr ? before : "";
        auto complaint = parameter_complaint(parameter, value, before != nullptr ? &previous : nullptr);
        EXPECT_EQ(complaint.empty(), good)
            << parameter.name << "=" << value.substr(0, 40) << ": " << complaint;
    }
}

TEST(ResolveParameters, PrefersPresetThenRequestThenLastThenDefault) {
    auto a = definition("a", "string");
    a.default_value = "default";
    std::vector definitions{a};
    EXPECT_EQ((*resolve_parameters(definitions, {}, {}, {}, true))["a"], "default");
    EXPECT_EQ((*resolve_parameters(definitions, {}, {}, {{"a", "last"}}, false))["a"], "last");
    EXPECT_EQ((*resolve_parameters(definitions, {{"a", "given"}}, {}, {{"a", "last"}}, false))["a"], "given");
    EXPECT_EQ((*resolve_parameters(definitions, {{"a", "given"}}, {{"a", "preset"}}, {}, true))["a"],
              "preset");
    definitions[0].ephemeral = true;
    EXPECT_EQ((*resolve_parameters(definitions, {}, {}, {{"a", "last"}}, false))["a"], "default");
}

TEST(ResolveParameters, RefusesMissingUnknownAndImmutable) {
    auto required = definition("r", "string");
    required.required = true;
    auto fixed = definition("f", "string");
    fixed.mutable_ = false;
    auto result =
        resolve_parameters({required, fixed}, {{"f", "new"}, {"ghost", "1"}}, {}, {{"f", "old"}}, false);
    ASSERT_FALSE(result);
    std::vector<std::string> fields;
    for (const auto& field : result.error().fields())
        fields.push_back(field.field);
    EXPECT_EQ(fields, (std::vector<std::string>{"r", "f", "ghost"}));
}

TEST(ResolveParameters, LetsAnImmutableBeGivenItsOwnValue) {
    auto fixed = definition("f", "string");
    fixed.mutable_ = false;
    EXPECT_TRUE(resolve_parameters({fixed}, {{"f", "old"}}, {}, {{"f", "old"}}, false));
    EXPECT_TRUE(resolve_parameters({fixed}, {{"f", "any"}}, {}, {}, true));
}

}  // namespace
}  // namespace berth::coderd
