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
    several.form_type = "multi-select";
    auto one_list = definition("l", "list(string)");
    one_list.form_type = "radio";
    one_list.options = R"x([{"name":"A","value":"[\"a\",\"b\"]"},{"name":"B","value":"[]"}])x";
    auto free_list = definition("f", "list(string)");
    free_list.form_type = "tag-select";
    auto any_number = definition("a", "number");
    auto number_choice = definition("o", "number");
    number_choice.options = R"([{"name":"Half","value":"0.5"},{"name":"One","value":"1"}])";
    auto limited_choice = number_choice;
    limited_choice.validation_min = 1;
    auto any_bool = definition("b", "bool");
    auto bool_choice = definition("y", "bool");
    bool_choice.options = R"([{"name":"Yes","value":"T"}])";
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
             Case{number, "+2", nullptr, true},
             Case{any_number, "2.25", nullptr, true},
             Case{any_number, "1e3", nullptr, true},
             Case{any_number, "two", nullptr, false},
             Case{any_number, "", nullptr, false},
             Case{number_choice, "0.5", nullptr, true},
             Case{number_choice, "0.50", nullptr, false},
             Case{limited_choice, "0.5", nullptr, false},
             Case{limited_choice, "1", nullptr, true},
             Case{grows, "5.5", "5", false},
             Case{grows, "4", "5.5", true},
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
             Case{several, "[]", nullptr, true},
             Case{several, "[\"a\"", nullptr, false},
             Case{one_list, R"(["a","b"])", nullptr, true},
             Case{one_list, "[]", nullptr, true},
             Case{one_list, R"(["a"])", nullptr, false},
             Case{one_list, R"(["a", "b"])", nullptr, false},
             Case{free_list, R"(["a","q"])", nullptr, true},
             Case{free_list, "q", nullptr, false},
             Case{any_bool, "true", nullptr, true},
             Case{any_bool, "T", nullptr, true},
             Case{any_bool, "0", nullptr, true},
             Case{any_bool, "yes", nullptr, false},
             Case{any_bool, "", nullptr, false},
             Case{bool_choice, "T", nullptr, true},
             Case{bool_choice, "true", nullptr, false},
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

TEST(ParameterComplaint, SpeaksInTheTemplatesOwnWords) {
    auto number = definition("n", "number");
    number.validation_min = 1;
    number.validation_max = 8;
    number.validation_error = "{value}? From {min} to {max}, not {value}.";
    auto only_words = definition("w", "number");
    only_words.validation_error = "{min} {max} {value}";
    auto pattern = definition("p", "string");
    pattern.validation_regex = "^[a-z]+$";
    pattern.validation_error = "letters, not {value}";
    struct Case {
        const db::TemplateVersionParameter& definition;
        std::string value;
        std::string complaint;
    };
    for (const auto& [parameter, value, complaint] : {
             Case{number, "9", "9? From 1 to 8, not 9."},
             Case{number, "0", "0? From 1 to 8, not 0."},
             Case{number, "{max}", "{max}? From 1 to 8, not {max}."},
             Case{number, "5", ""},
             Case{only_words, "1.5", "0 0 1.5"},
             // The provider puts nothing into the words about a text.
             Case{pattern, "A", "letters, not {value}"},
         })
        EXPECT_EQ(parameter_complaint(parameter, value, nullptr), complaint) << parameter.name;
}

TEST(ResolveParameters, ADefaultThatIsTheLastValueIsAsGoodAsAtFirst) {
    auto odd = definition("o", "string");
    odd.validation_regex = "^[a-z]+$";
    odd.default_value = "UPPER";
    EXPECT_TRUE(resolve_parameters({odd}, {}, {}, {}, true));
    EXPECT_TRUE(resolve_parameters({odd}, {}, {}, {{"o", "UPPER"}}, false));
    EXPECT_FALSE(resolve_parameters({odd}, {}, {}, {{"o", "LOUD"}}, false));
    EXPECT_FALSE(resolve_parameters({odd}, {{"o", "UPPER"}}, {}, {}, true)) << "chosen, it is checked";
    odd.required = true;
    EXPECT_FALSE(resolve_parameters({odd}, {}, {}, {{"o", "UPPER"}}, false));
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
