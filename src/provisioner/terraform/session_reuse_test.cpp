#include <future>
#include <set>

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <gtest/gtest.h>

#include "provisioner/terraform/files.h"
#include "provisioner/terraform/session_testing.h"
#include "rpc/file_transfer.h"

namespace berth::terraform {
namespace {

namespace fs = std::filesystem;
namespace pb = ::provisioner;

// Its module comes from nowhere, so that init succeeds only with what the import stored. When it is applied
// it spoils what terraform would read the next time.
constexpr const char* spoiling_template = R"(
terraform {
  required_providers {
    coder = { source = "coder/coder" }
  }
}
variable "password" {
  type      = string
  sensitive = true
}
data "coder_workspace" "me" {}
module "m" {
  source = "git::https://example.invalid/m.git?ref=v1"
}
resource "terraform_data" "spoiler" {
  input = var.password
  provisioner "local-exec" {
    command = <<-EOT
      echo 'resource "terraform_data" "evil" {}' > evil.tf
      for file in main.tf .terraform.lock.hcl .terraform/modules/modules.json .terraform/modules/m/main.tf; do
        echo 'broken {' > $file
      done
    EOT
  }
}
)";

std::string stored_module(const std::string& lock = {}) {
    std::vector<std::pair<std::string, std::string>> files{
        {".terraform/modules/modules.json",
         R"({"Modules":[{"Key":"","Source":"","Dir":"."},{"Key":"m","Source":"git::https://example.invalid/m.git?ref=v1","Dir":".terraform/modules/m"}]})"},
        {".terraform/modules/m/main.tf", "resource \"terraform_data\" \"pinned\" {}\n"}};
    if (!lock.empty()) files.emplace_back(std::string(packed_lock_file), lock);
    return tar_of(files);
}

pb::Request question(const std::string& version) {
    pb::Request request;
    request.mutable_init()->set_prepared_version_id(version);
    request.mutable_init()->set_omit_module_files(true);
    return request;
}

asio::awaitable<void> send_whole_init(FakeDaemon& daemon, std::string version, std::string modules) {
    std::vector<std::pair<std::string, std::string>> files{{"main.tf", spoiling_template}};
    auto init = init_request(tar_of(files));
    init.mutable_init()->set_prepared_version_id(std::move(version));
    init.mutable_init()->set_omit_module_files(true);
    init.mutable_init()->set_initial_module_tar_hash(raw_hash(modules));
    daemon.push(std::move(init));
    for (auto& message : rpc::cut_file(modules)) {
        pb::Request part;
        *part.mutable_file() = std::move(message);
        daemon.push(std::move(part));
    }
    co_return;
}

/// From plan to the end of apply; returns the names of the resources.
asio::awaitable<std::set<std::string>> build(FakeDaemon& daemon) {
    auto plan = plan_request();
    auto* variable = plan.mutable_plan()->add_variable_values();
    variable->set_name("password");
    variable->set_value("the-secret-value");
    variable->set_sensitive(true);
    daemon.push(std::move(plan));
    auto planned = co_await daemon.response();
    EXPECT_EQ(planned.plan().error(), "");
    daemon.push(graph_request(pb::SOURCE_PLAN));
    auto graph = co_await daemon.response();
    EXPECT_EQ(graph.graph().error(), "");
    daemon.push(apply_request());
    auto applied = co_await daemon.response();
    EXPECT_EQ(applied.apply().error(), "");
    EXPECT_NE(applied.apply().state().find("the-secret-value"), std::string::npos);
    std::set<std::string> names;
    for (const auto& resource : graph.graph().resources())
        names.insert(resource.name());
    co_return names;
}

const std::set<std::string> all_names{"pinned", "spoiler"};

asio::awaitable<void> first_build(FakeDaemon& daemon) {
    daemon.push(config_request());
    daemon.push(question("v1"));
    auto asked = co_await daemon.response();
    EXPECT_EQ(asked.init().error(), "");
    EXPECT_TRUE(asked.init().not_prepared());
    daemon.push(plan_request());
    auto refused = co_await daemon.response();
    EXPECT_EQ(refused.plan().error(), "init must succeed before plan");
    co_await send_whole_init(daemon, "v1", stored_module());
    auto init = co_await daemon.response();
    EXPECT_EQ(init.init().error(), "");
    EXPECT_FALSE(init.init().not_prepared());
    auto names = co_await build(daemon);
    EXPECT_EQ(names, all_names);
}

asio::awaitable<void> next_build(FakeDaemon& daemon) {
    daemon.push(config_request());
    daemon.push(question("another"));
    auto other = co_await daemon.response();
    EXPECT_TRUE(other.init().not_prepared());
    daemon.push(question("v1"));
    auto init = co_await daemon.response();
    EXPECT_EQ(init.init().error(), "");
    EXPECT_FALSE(init.init().not_prepared());
    EXPECT_EQ(init.init().modules_size(), 1);
    EXPECT_EQ(init.init().timings_size(), 1);
    EXPECT_NE(daemon.log_text().find("is used again"), std::string::npos) << daemon.log_text();
    EXPECT_EQ(daemon.log_text().find("Initializing"), std::string::npos) << daemon.log_text();
    auto names = co_await build(daemon);
    EXPECT_EQ(names, all_names);
}

struct ReuseTest : testing::Test {
    ReuseTest() {
        auto prepared =
            PreparedFolders::create(root.path() / "p", options.terraform.path, base::system_clock());
        EXPECT_TRUE(prepared.ok());
        if (prepared) options.prepared = *prepared;
    }
    net::Runtime runtime{1};
    TempFolder root;
    SessionOptions options = test_options(runtime, root.path() / "w");
};

TEST_F(ReuseTest, ABuildStartsFromWhatAnEarlierOneInitializedAndNotFromWhatItLeft) {
    ASSERT_TRUE(with_session(runtime, options, first_build).ok());
    for (int i = 0; i < 2; ++i)
        ASSERT_TRUE(with_session(runtime, options, next_build).ok());
    int files = 0;
    for (const auto& entry : fs::recursive_directory_iterator(root.path() / "p")) {
        if (!entry.is_regular_file() || entry.is_symlink()) continue;
        auto text = read_file(entry.path(), 1 << 20);
        ASSERT_TRUE(text.ok());
        EXPECT_EQ(text->find("the-secret-value"), std::string::npos) << entry.path();
        EXPECT_EQ(entry.path().filename().string().find("tfstate"), std::string::npos) << entry.path();
        ++files;
    }
    EXPECT_GE(files, 4);
}

TEST_F(ReuseTest, WithoutSuchFoldersTheAnswerIsNo) {
    ASSERT_TRUE(with_session(runtime, options, first_build).ok());
    options.prepared.reset();
    ASSERT_TRUE(with_session(runtime, options, first_build).ok());
}

asio::awaitable<void> init_with_lock_of_elsewhere(FakeDaemon& daemon) {
    daemon.push(config_request());
    auto modules =
        stored_module("provider \"registry.terraform.io/coder/coder\" {\n  version = \"0.0.1\"\n}\n");
    co_await send_whole_init(daemon, "v1", std::move(modules));
    auto init = co_await daemon.response();
    EXPECT_EQ(init.init().error(), "");
    EXPECT_NE(daemon.log_text().find("cannot be installed here"), std::string::npos) << daemon.log_text();
}

TEST_F(ReuseTest, ProvidersOtherThanTheImportsAreNotKept) {
    ASSERT_TRUE(with_session(runtime, options, init_with_lock_of_elsewhere).ok());
    EXPECT_FALSE(options.prepared->has("v1"));
}

asio::awaitable<void> init_only(FakeDaemon& daemon) {
    daemon.push(config_request());
    co_await send_whole_init(daemon, "v1", stored_module());
    auto init = co_await daemon.response();
    EXPECT_EQ(init.init().error(), "");
}

asio::awaitable<void> init_that_keeps_nothing(FakeDaemon& daemon) {
    co_await init_only(daemon);
    EXPECT_NE(daemon.log_text().find("cannot be kept for the next build"), std::string::npos);
}

TEST_F(ReuseTest, AFolderThatCannotBeKeptFailsNoBuild) {
    PreparedLimits limits;
    limits.bytes = 10;
    auto prepared =
        PreparedFolders::create(root.path() / "p", options.terraform.path, base::system_clock(), limits);
    ASSERT_TRUE(prepared.ok());
    options.prepared = *prepared;
    ASSERT_TRUE(with_session(runtime, options, init_that_keeps_nothing).ok());
}

TEST_F(ReuseTest, AnUnnamedVersionIsNotKept) {
    ASSERT_TRUE(with_session(runtime, options, [](FakeDaemon& daemon) -> asio::awaitable<void> {
                    daemon.push(config_request());
                    co_await send_whole_init(daemon, "", stored_module());
                    auto init = co_await daemon.response();
                    EXPECT_EQ(init.init().error(), "");
                }).ok());
    EXPECT_FALSE(options.prepared->has(""));
}

std::set<std::string> sessions_below(const fs::path& root) {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(root))
        if (entry.path().filename().string().starts_with("session-"))
            names.insert(entry.path().filename().string());
    return names;
}

/// While the only worker is busy with something else.
asio::awaitable<void> init_again(FakeDaemon& daemon, fs::path root, asio::any_io_executor workers) {
    std::vector<std::pair<std::string, std::string>> files{{"main.tf", "locals {}\n"}};
    daemon.push(config_request());
    daemon.push(init_request(tar_of(files)));
    auto first = co_await daemon.response();
    EXPECT_EQ(first.init().error(), "");
    auto before = sessions_below(root);
    std::promise<void> open;
    asio::post(workers, [gate = open.get_future().share()] { gate.wait(); });
    daemon.push(init_request(tar_of(files)));
    // More turns of the loop than the session needs to come to the folder before.
    for (int i = 0; i < 100; ++i)
        co_await asio::post(asio::use_awaitable);
    EXPECT_EQ(sessions_below(root), before) << "removed, or followed, on the loop";
    open.set_value();
    auto second = co_await daemon.response();
    EXPECT_EQ(second.init().error(), "");
    auto after = sessions_below(root);
    EXPECT_EQ(after.size(), 1U);
    EXPECT_NE(after, before);
}

TEST_F(ReuseTest, TheFolderBeforeIsRemovedByAWorker) {
    asio::thread_pool pool(1);
    options.workers = pool.get_executor();
    auto script = [&](FakeDaemon& daemon) {
        return init_again(daemon, root.path() / "w", pool.get_executor());
    };
    ASSERT_TRUE(with_session(runtime, options, script).ok());
    pool.join();
}

}  // namespace
}  // namespace berth::terraform
