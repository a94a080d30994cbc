#include <csignal>

#include <gtest/gtest.h>

#include "base/crypto.h"
#include "base/text.h"
#include "provisioner/terraform/files.h"
#include "provisioner/terraform/session_testing.h"
#include "rpc/file_transfer.h"

namespace berth::terraform {
namespace {

namespace fs = std::filesystem;
namespace pb = ::provisioner;

using Script = std::function<asio::awaitable<void>(FakeDaemon&)>;
using Files = std::vector<std::pair<std::string, std::string>>;

struct Fixture {
    net::Runtime runtime{1};
    TempFolder root;
    SessionOptions options = test_options(runtime, root.path() / "w");

    Result<void> run(const Script& script) { return with_session(runtime, options, script); }
};

asio::awaitable<void> up_to_plan(FakeDaemon& daemon, std::string archive, pb::Request plan) {
    daemon.push(config_request());
    daemon.push(init_request(std::move(archive)));
    auto init = co_await daemon.response();
    EXPECT_EQ(init.init().error(), "");
    daemon.push(std::move(plan));
    auto planned = co_await daemon.response();
    EXPECT_EQ(planned.plan().error(), "");
}

// ---- protocol
// -----------------------------------------------------------------------------------------------------

asio::awaitable<void> without_config(FakeDaemon& daemon) {
    daemon.push(init_request({}));
    co_return;
}

asio::awaitable<void> unknown_request(FakeDaemon& daemon) {
    daemon.push(config_request());
    daemon.push(pb::Request());
    co_return;
}

asio::awaitable<void> unasked_file(FakeDaemon& daemon) {
    daemon.push(config_request());
    pb::Request request;
    request.mutable_file()->mutable_data_upload();
    daemon.push(std::move(request));
    co_return;
}

TEST(session, refuses_what_breaks_the_protocol) {
    Fixture fixture;
    auto first = fixture.run(without_config);
    ASSERT_FALSE(first.ok());
    EXPECT_NE(first.error().message().find("config"), std::string::npos);
    auto unknown = fixture.run(unknown_request);
    ASSERT_FALSE(unknown.ok());
    EXPECT_EQ(unknown.error().code(), ErrorCode::unimplemented);
    auto file = fixture.run(unasked_file);
    ASSERT_FALSE(file.ok());
}

asio::awaitable<void> wrong_order(FakeDaemon& daemon) {
    daemon.push(config_request());
    daemon.push(plan_request());
    auto plan = co_await daemon.response();
    EXPECT_EQ(plan.plan().error(), "init must succeed before plan");
    daemon.push(apply_request());
    auto apply = co_await daemon.response();
    EXPECT_EQ(apply.apply().error(), "plan must succeed before apply");
    daemon.push(graph_request(pb::SOURCE_PLAN));
    auto graph = co_await daemon.response();
    EXPECT_EQ(graph.graph().error(), "plan must succeed before its graph");
    pb::Request parse;
    parse.mutable_parse();
    daemon.push(std::move(parse));
    auto parsed = co_await daemon.response();
    EXPECT_NE(parsed.parse().error(), "");
    daemon.push(init_request("this is not a tar file, and long enough to look at"));
    auto init = co_await daemon.response();
    EXPECT_NE(init.init().error().find("not a tar"), std::string::npos) << init.init().error();
}

TEST(session, answers_steps_in_the_wrong_order) {
    Fixture fixture;
    EXPECT_TRUE(fixture.run(wrong_order).ok());
}

// ---- environment
// --------------------------------------------------------------------------------------------------

// Terraform hands its environment to programs, so a program can tell what it was. At plan time only the
// provider sees it; here the external program runs at apply.
const Files recording{{"main.tf", R"(
terraform {
  required_providers {
    coder = { source = "coder/coder" }
  }
}
variable "color" { type = string }
data "coder_workspace" "me" {}
resource "terraform_data" "record" {
  input = var.color
  provisioner "local-exec" {
    command = "env -0 > ${path.module}/../../recorded"
  }
}
output "workspace" { value = data.coder_workspace.me.name }
)"}};

asio::awaitable<void> record(FakeDaemon& daemon) {
    auto plan = plan_request();
    auto* metadata = plan.mutable_plan()->mutable_metadata();
    metadata->add_workspace_owner_groups("Everyone");
    auto* parameter = plan.mutable_plan()->add_rich_parameter_values();
    parameter->set_name("region");
    parameter->set_value("eu");
    auto* variable = plan.mutable_plan()->add_variable_values();
    variable->set_name("color");
    variable->set_value("blue");
    auto* secret = plan.mutable_plan()->add_user_secrets();
    secret->set_env_name("API_KEY");
    secret->set_file_path("~/.key");
    secret->set_value("the-secret-value");
    co_await up_to_plan(daemon, tar_of(recording), std::move(plan));
    daemon.push(apply_request());
    auto applied = co_await daemon.response();
    EXPECT_EQ(applied.apply().error(), "");
    EXPECT_GT(applied.apply().timings_size(), 1);
    EXPECT_EQ(daemon.log_text().find("the-secret-value"), std::string::npos);
}

TEST(session, gives_terraform_exactly_the_build) {
    Fixture fixture;
    ASSERT_TRUE(fixture.run(record).ok());
    auto text = read_file(fixture.root.path() / "w/recorded", 4 << 20);
    ASSERT_TRUE(text.ok());
    std::map<std::string, std::string> got;
    for (auto entry : base::split(*text, '\0')) {
        auto equals = entry.find('=');
        if (equals != std::string_view::npos) got.emplace(entry.substr(0, equals), entry.substr(equals + 1));
    }
    EXPECT_EQ(got["CODER_WORKSPACE_NAME"], "demo") << "the host's own value must not get through";
    EXPECT_EQ(got["CODER_WORKSPACE_TRANSITION"], "start");
    EXPECT_EQ(got["CODER_WORKSPACE_OWNER"], "alice");
    EXPECT_EQ(got["CODER_AGENT_URL"], "http://127.0.0.1:3000");
    EXPECT_EQ(got["CODER_PARAMETER_" + base::sha256_hex("region")], "eu");
    EXPECT_EQ(got["TF_VAR_color"], "blue");
    EXPECT_EQ(got["TF_IN_AUTOMATION"], "1");
    EXPECT_EQ(got["CHECKPOINT_DISABLE"], "1");
    EXPECT_TRUE(got.contains("CODER_AGENT_SCRIPT_linux_amd64"));
    EXPECT_TRUE(got.contains("PATH"));
    for (const auto& [name, value] : got) {
        EXPECT_FALSE(name.starts_with("CODER_SECRET_")) << "secrets are for plan only";
        EXPECT_EQ(value.find("the-secret-value"), std::string::npos) << name;
    }
}

// ---- failing half-way, and cancelling
// -------------------------------------------------------------------------------

const Files half{{"main.tf", R"(
resource "terraform_data" "good" {}
resource "terraform_data" "bad" {
  depends_on = [terraform_data.good]
  provisioner "local-exec" {
    command = "echo about to fail; exit 7"
  }
}
)"}};

asio::awaitable<void> fail_half_way(FakeDaemon& daemon) {
    co_await up_to_plan(daemon, tar_of(half), plan_request());
    daemon.push(apply_request());
    auto applied = co_await daemon.response();
    const auto& apply = applied.apply();
    EXPECT_NE(apply.error().find("exit status 7"), std::string::npos) << apply.error();
    EXPECT_NE(apply.error().find("main.tf:5"), std::string::npos) << apply.error();
    EXPECT_NE(apply.state().find("\"name\": \"good\""), std::string::npos) << "the state was lost";
    EXPECT_NE(daemon.log_text().find("about to fail"), std::string::npos);
    bool failed = false;
    for (const auto& timing : apply.timings())
        if (timing.resource() == "terraform_data.bad") failed = timing.state() == pb::FAILED;
    EXPECT_TRUE(failed);
    // The state is good enough to delete everything.
    daemon.push(plan_request(pb::DESTROY, apply.state()));
    auto plan = co_await daemon.response();
    EXPECT_EQ(plan.plan().error(), "");
    daemon.push(apply_request(pb::DESTROY));
    auto destroyed = co_await daemon.response();
    EXPECT_EQ(destroyed.apply().error(), "");
    EXPECT_NE(destroyed.apply().state().find("\"resources\": []"), std::string::npos);
    // And without a state there is nothing to do.
    daemon.push(plan_request(pb::DESTROY));
    auto nothing = co_await daemon.response();
    EXPECT_EQ(nothing.plan().error(), "");
    daemon.push(graph_request(pb::SOURCE_PLAN));
    auto graph = co_await daemon.response();
    EXPECT_EQ(graph.graph().error(), "");
    daemon.push(apply_request(pb::DESTROY));
    auto done = co_await daemon.response();
    EXPECT_EQ(done.apply().error(), "");
}

TEST(session, keeps_the_state_of_a_failed_apply) {
    Fixture fixture;
    EXPECT_TRUE(fixture.run(fail_half_way).ok());
}

// The shell's child is what survives when terraform ends by itself.
Files endless(const fs::path& root) {
    return {{"main.tf", R"(
resource "terraform_data" "good" {}
resource "terraform_data" "endless" {
  depends_on = [terraform_data.good]
  provisioner "local-exec" {
    command = "sleep 1000 & echo $! > )" +
                            root.string() + R"(/child; printf 'it %s\\n' runs; wait"
  }
}
)"}};
}

struct CancelCase {
    std::string archive;
    fs::path child_file;
    bool hang_up = false;
    int cancels = 1;
    pid_t child = 0;
    pb::ApplyComplete apply;
};

asio::awaitable<void> cancel_apply(FakeDaemon& daemon, CancelCase& c) {
    co_await up_to_plan(daemon, c.archive, plan_request());
    daemon.push(apply_request());
    bool runs = co_await daemon.log_with("it runs");
    EXPECT_TRUE(runs);
    c.child = read_pid(c.child_file);
    EXPECT_TRUE(alive(c.child));
    if (c.hang_up) co_return;
    pb::Request cancel;
    cancel.mutable_cancel();
    for (int i = 0; i < c.cancels; ++i)
        daemon.push(cancel);
    auto applied = co_await daemon.response();
    c.apply = applied.apply();
    daemon.push(plan_request());
    auto plan = co_await daemon.response();
    EXPECT_NE(plan.plan().error().find("cancelled"), std::string::npos)
        << "a cancelled session builds no more";
}

TEST(session, cancel_ends_the_whole_group_and_keeps_the_state) {
    Fixture fixture;
    CancelCase c{tar_of(endless(fixture.root.path())), fixture.root.path() / "child"};
    auto done = fixture.run([&](FakeDaemon& daemon) { return cancel_apply(daemon, c); });
    ASSERT_TRUE(done.ok()) << done.error().to_string();
    ASSERT_GT(c.child, 0);
    EXPECT_FALSE(alive(c.child)) << "a child of the provisioner survived";
    EXPECT_NE(c.apply.error().find("cancelled"), std::string::npos) << c.apply.error();
    EXPECT_NE(c.apply.state().find("\"name\": \"good\""), std::string::npos) << "the state was lost";
}

TEST(session, a_second_cancel_kills_and_keeps_the_state) {
    Fixture fixture;
    auto deaf = fixture.root.path() / "deaf";
    auto terraform = fixture.options.terraform.path.string();
    auto script = write_private_file(deaf, "#!/bin/sh\ntest \"$1\" = apply || exec " + terraform +
                                               " \"$@\"\ntrap '' INT\n" + terraform + " \"$@\"\n");
    ASSERT_TRUE(script.ok());
    fs::permissions(deaf, fs::perms::owner_all);
    fixture.options.terraform.path = deaf;
    fixture.options.cancel_grace = std::chrono::hours(1);
    CancelCase c{tar_of(endless(fixture.root.path())), fixture.root.path() / "child"};
    c.cancels = 2;
    auto done = fixture.run([&](FakeDaemon& daemon) { return cancel_apply(daemon, c); });
    ASSERT_TRUE(done.ok()) << done.error().to_string();
    ASSERT_GT(c.child, 0);
    EXPECT_FALSE(alive(c.child));
    EXPECT_NE(c.apply.error().find("cancelled"), std::string::npos) << c.apply.error();
    EXPECT_NE(c.apply.state().find("\"name\": \"good\""), std::string::npos) << "the state was lost";
}

TEST(session, a_lost_daemon_cancels) {
    Fixture fixture;
    CancelCase c{tar_of(endless(fixture.root.path())), fixture.root.path() / "child", true};
    auto done = fixture.run([&](FakeDaemon& daemon) { return cancel_apply(daemon, c); });
    ASSERT_TRUE(done.ok()) << done.error().to_string();
    EXPECT_FALSE(alive(c.child));
    EXPECT_TRUE(fs::is_empty(fixture.root.path() / "w"));
}

// A terraform that does not listen, as one that hangs in a provider.
TEST(session, cancel_kills_what_does_not_stop) {
    Fixture fixture;
    auto stubborn = fixture.root.path() / "stubborn";
    auto script = write_private_file(stubborn, "#!/bin/sh\ntrap '' INT TERM\nsleep 1000 &\necho $! > " +
                                                   (fixture.root.path() / "child").string() +
                                                   "\necho it runs\nwait\nsleep 1000\n");
    ASSERT_TRUE(script.ok());
    fs::permissions(stubborn, fs::perms::owner_all);
    fixture.options.terraform.path = stubborn;
    fixture.options.cancel_grace = std::chrono::milliseconds(100);
    pid_t child = 0;
    auto cancel_init = [](FakeDaemon& daemon, pid_t* child, fs::path file) -> asio::awaitable<void> {
        daemon.push(config_request());
        daemon.push(init_request(tar_of(half)));
        bool runs = co_await daemon.log_with("it runs");
        EXPECT_TRUE(runs);
        *child = read_pid(file);
        pb::Request cancel;
        cancel.mutable_cancel();
        daemon.push(std::move(cancel));
        auto init = co_await daemon.response();
        EXPECT_NE(init.init().error().find("cancelled"), std::string::npos);
    };
    auto file = fixture.root.path() / "child";
    auto done = fixture.run([&](FakeDaemon& daemon) { return cancel_init(daemon, &child, file); });
    ASSERT_TRUE(done.ok());
    ASSERT_GT(child, 0);
    EXPECT_FALSE(alive(child));
}

// ---- module files
// -------------------------------------------------------------------------------------------------

const Files with_module{
    {"main.tf", "module \"m\" {\n  source = \"./somewhere\"\n}\n"},
    {"somewhere/main.tf", "resource \"terraform_data\" \"x\" {}\n"},
};

/// As an import would have stored them: the module itself came from elsewhere.
std::string stored_modules() {
    return tar_of(Files{
        {".terraform/modules/modules.json",
         R"({"Modules":[{"Key":"","Source":"","Dir":"."},{"Key":"m","Source":"git::https://example.invalid/m.git?ref=v1","Dir":".terraform/modules/m"}]})"},
        {".terraform/modules/m/main.tf", "resource \"terraform_data\" \"pinned\" {}\n"}});
}

pb::Request file_request(const pb::FileUpload& message) {
    pb::Request request;
    *request.mutable_file() = message;
    return request;
}

asio::awaitable<void> build_with_stored_modules(FakeDaemon& daemon) {
    auto tar = stored_modules();
    auto hash = raw_hash(tar);
    auto file = rpc::cut_file(tar, 1000);
    EXPECT_GT(file.size(), 3u);
    // The module cannot be fetched from where the template says, so init succeeds only with the stored copy.
    auto archive = tar_of(
        Files{{"main.tf", "module \"m\" {\n  source = \"git::https://example.invalid/m.git?ref=v1\"\n}\n"}});
    daemon.push(config_request());
    auto init = init_request(std::move(archive));
    init.mutable_init()->set_initial_module_tar_hash(hash);
    daemon.push(init);
    for (const auto& message : file)
        daemon.push(file_request(message));
    auto ready = co_await daemon.response();
    EXPECT_EQ(ready.init().error(), "");
    EXPECT_EQ(ready.init().modules_size(), 1);
    daemon.push(plan_request());
    auto plan = co_await daemon.response();
    EXPECT_EQ(plan.plan().error(), "");
    daemon.push(graph_request(pb::SOURCE_PLAN));
    auto graph = co_await daemon.response();
    EXPECT_EQ(graph.graph().resources_size(), 1);
    if (graph.graph().resources_size() == 1) {
        EXPECT_EQ(graph.graph().resources(0).name(), "pinned");
        EXPECT_EQ(graph.graph().resources(0).module_path(), "module.m");
    }
    // The same pieces with one missing.
    daemon.push(init);
    daemon.push(file_request(file[0]));
    daemon.push(file_request(file[2]));
    auto refused = co_await daemon.response();
    EXPECT_NE(refused.init().error().find("piece 1 was sent instead of piece 0"), std::string::npos)
        << refused.init().error();
    // Another file than the one announced.
    daemon.push(init);
    daemon.push(file_request(rpc::cut_file("something else")[0]));
    auto other = co_await daemon.response();
    EXPECT_NE(other.init().error().find("not those that were announced"), std::string::npos)
        << other.init().error();
}

TEST(session, builds_with_the_modules_of_the_import) {
    Fixture fixture;
    auto done = fixture.run(build_with_stored_modules);
    EXPECT_TRUE(done.ok()) << done.error().to_string();
}

struct Packed {
    std::string hash;
    std::string content;
    int pieces = 0;
};

asio::awaitable<void> import_modules(FakeDaemon& daemon, Files files, bool omit, Packed& packed) {
    daemon.push(config_request());
    auto init = init_request(tar_of(files));
    init.mutable_init()->set_omit_module_files(omit);
    daemon.push(std::move(init));
    rpc::FileAssembler assembler(64 << 20);
    while (true) {
        auto response = co_await daemon.response();
        if (response.has_data_upload()) {
            assembler = rpc::FileAssembler(64 << 20);
            pb::FileUpload part;
            *part.mutable_data_upload() = response.data_upload();
            auto added = assembler.add(part);
            EXPECT_TRUE(added.ok());
        } else if (response.has_chunk_piece()) {
            ++packed.pieces;
            pb::FileUpload part;
            *part.mutable_chunk_piece() = response.chunk_piece();
            auto added = assembler.add(part);
            EXPECT_TRUE(added.ok());
            if (added.ok() && *added) packed.content = std::move(assembler).take();
        } else {
            EXPECT_EQ(response.init().error(), "");
            packed.hash = response.init().module_files_hash();
            if (!response.init().module_files().empty()) packed.content = response.init().module_files();
            co_return;
        }
    }
}

TEST(session, import_returns_the_modules) {
    Fixture fixture;
    Packed first;
    Packed second;
    Packed omitted;
    for (auto [packed, omit] :
         {std::pair(&first, false), std::pair(&second, false), std::pair(&omitted, true)}) {
        auto done = fixture.run([&, packed = packed, omit = omit](FakeDaemon& daemon) {
            return import_modules(daemon, with_module, omit, *packed);
        });
        ASSERT_TRUE(done.ok());
    }
    EXPECT_FALSE(first.content.empty());
    EXPECT_EQ(first.hash, raw_hash(first.content));
    EXPECT_EQ(first.content, second.content) << "packing must be deterministic";
    EXPECT_TRUE(omitted.content.empty());
}

}  // namespace
}  // namespace berth::terraform
