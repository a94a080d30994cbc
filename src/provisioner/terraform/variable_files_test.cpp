#include "provisioner/terraform/variable_files.h"

#include <gtest/gtest.h>

#include "provisioner/terraform/configuration.h"
#include "provisioner/terraform/files.h"
#include "provisioner/terraform/log_line.h"
#include "provisioner/terraform/session_testing.h"

namespace berth::terraform {
namespace {

namespace pb = ::provisioner;

using Files = std::vector<std::pair<std::string, std::string>>;

TEST(variable_files, last_file_that_terraform_loads_wins) {
    const std::vector<std::pair<Files, FileValues>> cases{
        {{}, {}},
        {{{"terraform.tfvars", ""}}, {}},
        {{{"terraform.tfvars", "a = \"one\" # why\nn = 2\nb = true\nnothing = null\n"}},
         {{"a", "one"}, {"n", "2"}, {"b", "true"}, {"nothing", std::nullopt}}},
        {{{"terraform.tfvars", "l = [\"x\", 1]\nm = {\n  k = \"v\"\n}\nh = <<E\ntext\nE\n"}},
         {{"l", R"(["x",1])"}, {"m", R"({"k":"v"})"}, {"h", "text\n"}}},
        {{{"terraform.tfvars", "m = {\n 80 = \"http\"\n (\"x\") = -(1)\n}\nf = 1.50\n"}},
         {{"m", R"({"80":"http","x":-1})"}, {"f", "1.5"}}},
        {{{"terraform.tfvars", "a = 1 + 2\nb = \"${1}\"\nc = upper(\"x\")\n"}},
         {{"a", std::nullopt}, {"b", std::nullopt}, {"c", std::nullopt}}},
        {{{"terraform.tfvars", "a = 1 + 2\nb = 1"}, {"b.auto.tfvars", "a = 1\nb = 1 + 2"}},
         {{"a", "1"}, {"b", std::nullopt}}},
        {{{"terraform.tfvars.json", R"({"a": "${b}", "l": [1], "n": null})"}},
         {{"a", "${b}"}, {"l", "[1]"}, {"n", std::nullopt}}},
        {{{"terraform.tfvars", "a = \"plain\""}, {"terraform.tfvars.json", R"({"a": "json"})"}},
         {{"a", "json"}}},
        {{{"a.auto.tfvars", "a = \"auto\""}, {"terraform.tfvars.json", R"({"a": "json"})"}}, {{"a", "auto"}}},
        {{{"b.auto.tfvars", "a = \"b\""}, {"a.auto.tfvars.json", R"({"a": "a", "c": "c"})"}},
         {{"a", "b"}, {"c", "c"}}},
        {{{"Z.auto.tfvars", "a = \"Z\""}, {"a.auto.tfvars", "a = \"a\""}}, {{"a", "a"}}},
        {{{".hidden.auto.tfvars", "a = \"hidden\""}}, {{"a", "hidden"}}},
        {{{"other.tfvars", "a = 1"}, {"x.auto.tfvars~", "a = 1"}, {"terraform.tfvars.bak", "a = 1"}}, {}},
    };
    for (const auto& [files, wanted] : cases) {
        SCOPED_TRACE(files.empty() ? "no file" : files.front().first + ": " + files.front().second);
        TempFolder folder;
        write_all(folder, files);
        auto values = read_variable_files(folder.path());
        ASSERT_TRUE(values.ok()) << values.error().to_string();
        EXPECT_EQ(*values, wanted);
    }
}

TEST(variable_files, bad_ones_are_refused_with_the_place_and_without_values) {
    const std::vector<std::pair<std::pair<std::string, std::string>, std::string>> cases{
        {{"terraform.tfvars", "x = 1\na = [\"s3cret\""}, "terraform.tfvars:2:6: a closing ] is missing"},
        {{"terraform.tfvars", "a = \"s3cret\na = 1"}, "terraform.tfvars:1:5: this string is not closed"},
        {{"terraform.tfvars", "a = \"s3cret\"\na = 1"}, "terraform.tfvars:2:1: \"a\" was set already"},
        {{"terraform.tfvars", "variable \"a\" {}"}, "terraform.tfvars:1: only name = value can stand here"},
        {{"a.auto.tfvars", "a \"s3cret\""}, "a.auto.tfvars:1:"},
        {{"terraform.tfvars.json", "[\"s3cret\"]"}, "terraform.tfvars.json: must be an object of values"},
        {{"b.auto.tfvars.json", "{\n\"a\": s3cret}"}, "b.auto.tfvars.json:2: not valid JSON"},
        {{"terraform.tfvars", std::string(max_configuration_file + 1, '#')},
         "terraform.tfvars is larger than"},
    };
    for (const auto& [file, message] : cases) {
        SCOPED_TRACE(message);
        TempFolder folder;
        write_all(folder, {file});
        auto values = read_variable_files(folder.path());
        ASSERT_FALSE(values.ok());
        EXPECT_TRUE(values.error().message().starts_with(message)) << values.error().message();
        EXPECT_EQ(values.error().to_string().find("s3cret"), std::string::npos);
    }
    TempFolder folder;
    for (int i = 0; i <= 100; ++i)
        write_all(folder, {{std::to_string(i) + ".auto.tfvars", ""}});
    EXPECT_FALSE(read_variable_files(folder.path()).ok());
}

TEST(variable_files, a_diagnostic_shows_no_line_of_a_variable_file) {
    for (const auto& [file, shown] :
         std::vector<std::pair<std::string, bool>>{{"main.tf", true}, {"../given.tfvars.json", false}}) {
        auto line = parse_log_line(
            R"({"@level":"error","@message":"Error: Bad","type":"diagnostic","diagnostic":{"severity":"error",)"
            R"("summary":"Bad","detail":"why","range":{"filename":")" +
            file + R"(","start":{"line":3}},"snippet":{"context":null,"code":"\"n\": \"s3cret\""}}})");
        EXPECT_EQ(line.text.find("s3cret") != std::string::npos, shown) << line.text;
        EXPECT_NE(line.text.find(file + " line 3"), std::string::npos) << line.text;
    }
}

struct PlanOfFile {
    std::string tfvars;
    std::string error;
    std::string log;
};

asio::awaitable<void> plan_of_file(FakeDaemon& daemon, std::string archive, PlanOfFile& seen) {
    daemon.push(config_request());
    daemon.push(init_request(std::move(archive)));
    auto init = co_await daemon.response();
    EXPECT_EQ(init.init().error(), "");
    provisioner::Request parse;
    parse.mutable_parse();
    daemon.push(std::move(parse));
    auto parsed = co_await daemon.response();
    EXPECT_EQ(parsed.parse().error(), "");
    daemon.push(plan_request());
    auto planned = co_await daemon.response();
    seen.error = planned.plan().error();
    seen.log = daemon.log_text();
}

TEST(variable_files, what_terraform_does_not_allow_there_fails_at_import_with_its_own_words) {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"upper(\"s3cret\")", "Function calls not allowed"},
        {"var.s3cret", "Variables not allowed"},
        {"\"s3cret${local.x}\"", "Variables not allowed"},
        {"\"s3cret\" + 1", "Invalid operand"},
        {"-\"s3cret\"", "Invalid operand"},
        {"\"s3cret\" 2", "Missing newline after argument"},
        {"[\"s3cret\" 2]", "Missing item separator"},
        {"{ (null) = \"s3cret\" }", "Null value as key"},
        {"\"s3cret\\q\"", "Invalid escape sequence"},
    };
    net::Runtime runtime{1};
    TempFolder root;
    auto options = test_options(runtime, root.path() / "w");
    for (const auto& [value, reason] : cases) {
        SCOPED_TRACE(value);
        PlanOfFile seen;
        auto archive =
            tar_of({{"main.tf", "variable \"a\" {}\n"}, {"terraform.tfvars", "\na = " + value + "\n"}});
        auto script = [&](FakeDaemon& daemon) { return plan_of_file(daemon, archive, seen); };
        ASSERT_TRUE(with_session(runtime, options, script).ok());
        EXPECT_NE(seen.error.find("terraform.tfvars:2: " + reason), std::string::npos) << seen.error;
        EXPECT_EQ((seen.error + seen.log).find("s3cret"), std::string::npos) << seen.error << seen.log;
    }
}

/// Literals, each of which is read without terraform.
const std::vector<std::string> literals{
    "1.50",
    "-0.25",
    "2.5e+2",
    "010.50",
    "1e-7",
    "-(-3)",
    "- (\n7\n)",
    "(true)",
    "18446744073709551615",
    "-9223372036854775808",
    "[1, \"b\", [true], null, ]",
    "{ 80 = \"http\", 1.50 = 1, -1 = 2, 1e3 = 3, 0.0000001 = 4 }",
    "{ (80) = 1, (\"x y\") = (2), (true) = 3, true = 4, \"80\" = 5 }",
    "{ null = 1, \"a\\n\" : 2\n c = { d = null } }",
    "\"a\\n\\\"b\\\" \\u00e9 $${x} %%{y}\"",
    "<<-EOT\n    a\n      b\n    EOT",
};

asio::awaitable<void> outputs_of(FakeDaemon& daemon, std::string archive, std::string& state) {
    daemon.push(config_request());
    daemon.push(init_request(std::move(archive)));
    auto init = co_await daemon.response();
    EXPECT_EQ(init.init().error(), "");
    daemon.push(plan_request());
    auto planned = co_await daemon.response();
    EXPECT_EQ(planned.plan().error(), "");
    daemon.push(apply_request());
    auto applied = co_await daemon.response();
    EXPECT_EQ(applied.apply().error(), "");
    state = applied.apply().state();
}

TEST(variable_files, literals_are_read_as_terraform_reads_them) {
    std::string configuration;
    std::string values;
    for (std::size_t i = 0; i < literals.size(); ++i) {
        auto name = "v" + std::to_string(i);
        configuration += "variable \"" + name + "\" {}\noutput \"" + name +
                         "\" {\n  value = jsonencode(var." + name + ")\n}\n";
        values += name + " = " + literals[i] + "\n";
    }
    const Files files{{"main.tf", configuration}, {"terraform.tfvars", values}};
    TempFolder folder;
    write_all(folder, files);
    auto ours = read_variable_files(folder.path());
    ASSERT_TRUE(ours.ok()) << ours.error().to_string();

    net::Runtime runtime{1};
    TempFolder root;
    auto options = test_options(runtime, root.path() / "w");
    auto archive = tar_of(files);
    std::string state;
    auto script = [&](FakeDaemon& daemon) { return outputs_of(daemon, archive, state); };
    ASSERT_TRUE(with_session(runtime, options, script).ok());
    auto outputs = boost::json::parse(state).at("outputs");
    for (std::size_t i = 0; i < literals.size(); ++i) {
        SCOPED_TRACE(literals[i]);
        auto name = "v" + std::to_string(i);
        auto theirs = boost::json::parse(outputs.at(name).at("value").as_string());
        const auto& text = ours->at(name);
        ASSERT_TRUE(text.has_value());
        if (theirs.is_object() || theirs.is_array()) {
            EXPECT_EQ(boost::json::parse(*text), theirs) << *text << " is not " << theirs;
        } else {
            EXPECT_EQ(*text, variable_text(theirs));
        }
    }
}

}  // namespace
}  // namespace berth::terraform
