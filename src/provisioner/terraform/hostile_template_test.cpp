// Templates, archives and plans that are made to hurt: refused before they cost anything, with the reason.
#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>

#include "provisioner/terraform/archive.h"
#include "provisioner/terraform/configuration.h"
#include "provisioner/terraform/describe.h"
#include "provisioner/terraform/files.h"
#include "provisioner/terraform/session_testing.h"

namespace berth::terraform {
namespace {

namespace fs = std::filesystem;
namespace pb = ::provisioner;

using TemplateFiles = std::vector<std::pair<std::string, std::string>>;

std::string repeated(std::string_view text, std::size_t times) {
    std::string out;
    out.reserve(text.size() * times);
    while (times-- > 0)
        out += text;
    return out;
}

struct Outcome {
    std::string init;
    std::string parse;
    std::string plan;
    std::string logs;
};

asio::awaitable<void> ask(FakeDaemon& daemon, std::string archive, Outcome& answers) {
    daemon.push(config_request());
    daemon.push(init_request(std::move(archive)));
    auto init = co_await daemon.response();
    answers.init = init.init().error();
    answers.logs = daemon.log_text();
    if (!answers.init.empty()) co_return;
    pb::Request parse;
    parse.mutable_parse();
    daemon.push(std::move(parse));
    auto parsed = co_await daemon.response();
    answers.parse = parsed.parse().error();
    daemon.push(plan_request());
    auto planned = co_await daemon.response();
    answers.plan = planned.plan().error();
}

Outcome answers_to(const TemplateFiles& files) {
    net::Runtime runtime(1);
    TempFolder root;
    auto options = test_options(runtime, root.path() / "w");
    Outcome answers;
    auto archive = tar_of(files);
    auto done =
        with_session(runtime, options, [&](FakeDaemon& daemon) { return ask(daemon, archive, answers); });
    EXPECT_TRUE(done.ok()) << done.error().to_string();
    EXPECT_TRUE(fs::is_empty(root.path() / "w")) << "something was left behind";
    return answers;
}

struct HostileTemplate {
    const char* name;
    TemplateFiles files;
    const char* says;
};

TEST(hostile_template, is_refused_before_terraform_runs) {
    constexpr std::size_t deep = 100'000;
    auto brackets = "locals {\n  a = " + repeated("[", deep) + repeated("]", deep) + "\n}\n";
    for (const auto& row : std::vector<HostileTemplate>{
             {"lists", {{"main.tf", brackets}}, "main.tf:2:1006: nested too deeply"},
             {"lists that never end",
              {{"main.tf", "locals {\n  a = " + repeated("[", deep)}},
              "nested too deeply"},
             {"parentheses and objects",
              {{"main.tf", "locals {\n  a = " + repeated("({a=", deep)}},
              "nested too deeply"},
             {"interpolations",
              {{"main.tf",
                "locals {\n  a = " + repeated("\"${", deep) + "1" + repeated("}\"", deep) + "\n}\n"}},
              "nested too deeply"},
             {"blocks", {{"main.tf", repeated("b {\n", deep) + repeated("}\n", deep)}}, "nested too deeply"},
             {"a module",
              {{"main.tf", "module \"m\" {\n  source = \"./m\"\n}\n"}, {"m/x.tf", brackets}},
              "m/x.tf:2:1006: nested too deeply"},
             {"JSON",
              {{"main.tf.json", "{\"locals\": {\"a\": " + repeated("[", deep) + repeated("]", deep) + "}}"}},
              "main.tf.json: nested too deeply"},
             {"a file for OpenTofu",
              {{"main.tf", "locals {}\n"}, {"main.tofu", brackets}},
              "main.tofu:2:1006"},
             {"a huge file",
              {{"main.tf", "# " + std::string(max_configuration_file, 'x')}},
              "is larger than"}}) {
        SCOPED_TRACE(row.name);
        auto answers = answers_to(row.files);
        EXPECT_NE(answers.init.find(row.says), std::string::npos) << answers.init.substr(0, 500);
        EXPECT_EQ(answers.logs, "") << "terraform said something";
    }
}

TEST(hostile_template, of_five_megabytes_is_fine_when_it_is_valid) {
    std::string text = "locals {\n";
    for (int i = 0; text.size() < (5u << 20); ++i)
        text += "  value_" + std::to_string(i) + " = [\"" + std::string(5'000, 'v') +
                "\", { deep = [[[[1]]]] }]\n";
    text += "}\noutput \"last\" {\n  value = local.value_0\n}\n";
    auto answers = answers_to({{"main.tf", text}});
    EXPECT_EQ(answers.init, "");
    EXPECT_EQ(answers.parse, "");
    EXPECT_EQ(answers.plan, "");
}

TEST(hostile_template, wrong_syntax_is_terraforms_to_explain) {
    TempFolder folder;
    ASSERT_TRUE(write_private_file(folder.path() / "main.tf", "a = [1, 2\n\"").ok());
    EXPECT_TRUE(check_configuration_size(folder.path()).ok());
}

// ---- archives ---------------------------------------------------------------------------------------------

struct Compressed {
    const char* filter;
    int (*add)(struct archive*);
};

/// Small on the wire: a megabyte of zeros, again and again.
std::string bomb(const Compressed& how, int files) {
    std::string out;
    auto* writer = archive_write_new();
    archive_write_set_format_gnutar(writer);
    how.add(writer);
    archive_write_open(
        writer, &out, nullptr,
        [](struct archive*, void* to, const void* data, size_t size) {
            static_cast<std::string*>(to)->append(static_cast<const char*>(data), size);
            return static_cast<la_ssize_t>(size);
        },
        nullptr);
    const std::string zeros(1 << 20, '\0');
    for (int i = 0; i < files; ++i) {
        auto* entry = archive_entry_new();
        archive_entry_set_pathname(entry, (".terraform/modules/" + std::to_string(i)).c_str());
        archive_entry_set_filetype(entry, AE_IFREG);
        archive_entry_set_perm(entry, 0644);
        archive_entry_set_size(entry, static_cast<la_int64_t>(zeros.size()));
        archive_write_header(writer, entry);
        archive_write_data(writer, zeros.data(), zeros.size());
        archive_entry_free(entry);
    }
    archive_write_close(writer);
    archive_write_free(writer);
    return out;
}

std::uintmax_t bytes_below(const fs::path& folder) {
    std::uintmax_t bytes = 0;
    for (const auto& entry : fs::recursive_directory_iterator(folder))
        if (entry.is_regular_file()) bytes += entry.file_size();
    return bytes;
}

TEST(hostile_archive, bombs_stop_at_the_limit) {
    ArchiveLimits limits;
    limits.bytes = 8 << 20;
    for (const auto& how : {Compressed{"gzip", archive_write_add_filter_gzip},
                            Compressed{"zstd", archive_write_add_filter_zstd}}) {
        SCOPED_TRACE(how.filter);
        auto archive = bomb(how, 300);
        ASSERT_LT(archive.size(), 1u << 20);
        for (std::string_view only_under : {std::string_view(), modules_folder}) {
            TempFolder folder;
            auto done = unpack_tar(archive, folder.path(), limits, only_under);
            ASSERT_FALSE(done.ok());
            EXPECT_EQ(done.error().code(), ErrorCode::too_large);
            EXPECT_EQ(done.error().message(), "the archive is refused: it unpacks to more than 8 MiB");
            EXPECT_LE(bytes_below(folder.path()), limits.bytes);
        }
    }
}

// ---- plans ------------------------------------------------------------------------------------------------

TEST(hostile_plan, what_nobody_knows_is_passed_over) {
    auto model = read_plan(R"({"format_version":"1.9","planned_values":{"root_module":{"resources":[
        {"address":"docker_container.dev","mode":"managed","type":"docker_container","name":"dev","values":{}},
        {"address":"ephemeral.x.token","mode":"ephemeral","type":"x","name":"token","values":{}},
        {"address":"coder_agent.ghost","mode":"imagined","type":"coder_agent","name":"ghost","values":{}},
        {"address":"coder_agent.modeless","type":"coder_agent","name":"modeless","values":{}},
        {"address":"coder_gizmo.new","mode":"managed","type":"coder_gizmo","name":"new","values":{"agent_id":"x"}},
        {"address":7,"mode":"managed"}, 5, null]}},
        "resource_changes":[
        {"address":"a.both","change":{"actions":["delete","create"],"replace_paths":[["image"]]}},
        {"address":"a.reversed","change":{"actions":["create","delete"]}},
        {"address":"a.forgotten","change":{"actions":["create","forget"]}},
        {"address":"a.moved","change":{"actions":["move","create","dance"]}},
        {"address":"a.numbers","change":{"actions":[1,2]}},
        {"address":"a.none","change":{"actions":[]}},
        {"address":"a.text","change":{"actions":"delete"}},
        {"change":7}, "x"]})");
    ASSERT_TRUE(model.ok()) << model.error().to_string();
    std::vector<std::string> replaced;
    for (const auto& replacement : model->replacements)
        replaced.push_back(replacement.resource());
    EXPECT_EQ(replaced, (std::vector<std::string>{"a.both", "a.reversed"}));
    auto described = describe(*model, *Graph::parse(""), true);
    ASSERT_TRUE(described.ok()) << described.error().to_string();
    ASSERT_EQ(described->message.resources_size(), 1);
    EXPECT_EQ(described->message.resources(0).type(), "docker_container");
    EXPECT_TRUE(described->warnings.empty());
}

TEST(hostile_plan, is_bounded) {
    EXPECT_FALSE(
        read_plan(R"({"planned_values":{"root_module":)" + repeated(R"({"child_modules":[)", 100)).ok());
    auto nested = R"({"planned_values":{"root_module":)" + repeated(R"({"child_modules":[)", 40) +
                  repeated("]}", 40) + "}}";
    auto deep = read_plan(nested);
    ASSERT_FALSE(deep.ok());
    EXPECT_NE(deep.error().message().find("nested too deeply"), std::string::npos);
    EXPECT_FALSE(read_plan(repeated("[", 1'000'000)).ok());
    auto many = std::string(R"({"planned_values":{"root_module":{"resources":[)");
    for (int i = 0; i < 50'001; ++i)
        many += (i == 0 ? "" : ",") + std::string(R"({"mode":"managed","address":"a.b)") + std::to_string(i) +
                "\"}";
    auto crowded = read_plan(many + "]}}}");
    ASSERT_FALSE(crowded.ok());
    EXPECT_EQ(crowded.error().code(), ErrorCode::too_large);
}

}  // namespace
}  // namespace berth::terraform
