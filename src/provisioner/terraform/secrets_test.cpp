// Behaviour 1 with the real terraform and provider: which command is given which of a person's secrets.
#include <gtest/gtest.h>

#include "base/crypto.h"
#include "base/text.h"
#include "provisioner/terraform/files.h"
#include "provisioner/terraform/session_testing.h"

namespace berth::terraform {
namespace {

namespace fs = std::filesystem;
namespace pb = ::provisioner;

struct SecretRow {
    const char* env_name;
    const char* file_path;
};

constexpr SecretRow secret_rows[] = {
    {"ENV_ONLY", ""}, {"", "~/file only"}, {"BOTH", "/etc/b\xc3\xb6th"}, {"", ""}};

std::string secret_value(std::size_t row) { return "hush-" + std::to_string(row); }

using Variables = std::map<std::string, std::string>;

Variables wanted_variables() {
    Variables wanted;
    for (std::size_t i = 0; i < std::size(secret_rows); ++i) {
        std::string path = secret_rows[i].file_path;
        auto bytes = std::span(reinterpret_cast<const std::uint8_t*>(path.data()), path.size());
        if (*secret_rows[i].env_name != '\0')
            wanted["CODER_SECRET_ENV_" + std::string(secret_rows[i].env_name)] = secret_value(i);
        if (!path.empty()) wanted["CODER_SECRET_FILE_" + base::hex_encode(bytes)] = secret_value(i);
    }
    return wanted;
}

/// Stands where terraform is: notes the environment of each command, then is terraform.
TerraformBinary recorder(const fs::path& folder, const TerraformBinary& terraform) {
    auto wrapper = folder / "terraform";
    auto written =
        write_private_file(wrapper, "#!/bin/sh\nenv -0 >> '" + folder.string() + "'/\"$1\".env\nexec '" +
                                        terraform.path.string() + "' \"$@\"\n");
    EXPECT_TRUE(written.ok());
    fs::permissions(wrapper, fs::perms::owner_all);
    auto binary = terraform;
    binary.path = wrapper;
    return binary;
}

Variables recorded_secrets(const fs::path& file) {
    auto text = read_file(file, 4 << 20);
    EXPECT_TRUE(text.ok()) << file;
    Variables found;
    if (!text) return found;
    for (auto entry : base::split(*text, '\0')) {
        auto equals = entry.find('=');
        bool is_secret = entry.starts_with("CODER_SECRET_") ||
                         entry.find("hush-") != std::string_view::npos ||
                         entry.find("host-secret") != std::string_view::npos;
        if (is_secret && equals != std::string_view::npos)
            found.emplace(entry.substr(0, equals), entry.substr(equals + 1));
    }
    return found;
}

struct SecretBuild {
    pb::WorkspaceTransition transition;
    std::string state;
    std::string logs;
};

pb::Request plan_with_secrets(const SecretBuild& build) {
    auto request = plan_request(build.transition, build.state);
    for (std::size_t i = 0; i < std::size(secret_rows); ++i) {
        auto* secret = request.mutable_plan()->add_user_secrets();
        secret->set_env_name(secret_rows[i].env_name);
        secret->set_file_path(secret_rows[i].file_path);
        secret->set_value(secret_value(i));
    }
    return request;
}

asio::awaitable<void> build_with_secrets(FakeDaemon& daemon, std::string archive, SecretBuild& build) {
    daemon.push(config_request("debug"));
    daemon.push(init_request(std::move(archive)));
    auto init = co_await daemon.response();
    EXPECT_EQ(init.init().error(), "");
    auto plan = plan_with_secrets(build);
    daemon.push(std::move(plan));
    auto planned = co_await daemon.response();
    EXPECT_EQ(planned.plan().error(), "");
    EXPECT_EQ(planned.SerializeAsString().find("hush-"), std::string::npos);
    daemon.push(graph_request(pb::SOURCE_PLAN));
    auto graph = co_await daemon.response();
    EXPECT_EQ(graph.graph().error(), "");
    daemon.push(apply_request(build.transition));
    auto applied = co_await daemon.response();
    EXPECT_EQ(applied.apply().error(), "");
    build.state = applied.apply().state();
    daemon.push(graph_request(pb::SOURCE_STATE));
    auto state = co_await daemon.response();
    EXPECT_EQ(state.graph().error(), "");
    build.logs = daemon.log_text();
}

TEST(UserSecrets, ReachThePlanOfAStartAndNoOtherCommand) {
    net::Runtime runtime(1);
    TempFolder root;
    auto options = test_options(runtime, root.path() / "w");
    options.host_environment.push_back("CODER_SECRET_ENV_ENV_ONLY=host-secret");
    options.host_environment.push_back("CODER_SECRET_ENV_OF_THE_HOST=host-secret");
    auto terraform = options.terraform;
    auto archive = tar_of(fs::path(BERTH_TERRAFORM_TESTDATA) / "agents");
    SecretBuild build;
    for (auto transition : {pb::START, pb::STOP, pb::START, pb::DESTROY}) {
        SCOPED_TRACE(pb::WorkspaceTransition_Name(transition));
        TempFolder record;
        options.terraform = recorder(record.path(), terraform);
        build.transition = transition;
        auto done = with_session(
            runtime, options, [&](FakeDaemon& daemon) { return build_with_secrets(daemon, archive, build); });
        ASSERT_TRUE(done.ok()) << done.error().to_string();
        auto wanted = transition == pb::START ? wanted_variables() : Variables();
        EXPECT_EQ(recorded_secrets(record.path() / "plan.env"), wanted);
        for (const char* other : {"init", "show", "graph", "apply"})
            EXPECT_EQ(recorded_secrets(record.path() / (std::string(other) + ".env")), Variables()) << other;
        EXPECT_EQ(build.logs.find("hush-"), std::string::npos);
        EXPECT_EQ(build.state.find("hush-"), std::string::npos);
    }
}

asio::awaitable<void> plan_one_secret(FakeDaemon& daemon, std::string archive, std::string env_name,
                                      std::string value, std::string& error) {
    daemon.push(config_request());
    daemon.push(init_request(std::move(archive)));
    auto init = co_await daemon.response();
    EXPECT_EQ(init.init().error(), "");
    auto request = plan_request();
    auto* secret = request.mutable_plan()->add_user_secrets();
    secret->set_env_name(std::move(env_name));
    secret->set_value(std::move(value));
    daemon.push(std::move(request));
    auto planned = co_await daemon.response();
    error = planned.plan().error();
}

TEST(UserSecrets, ThatDoNotFitFailThePlanWithoutTheirValue) {
    struct Row {
        std::string env_name;
        std::string value;
        const char* says;
    };
    net::Runtime runtime(1);
    TempFolder root;
    auto options = test_options(runtime, root.path() / "w");
    auto archive = tar_of(fs::path(BERTH_TERRAFORM_TESTDATA) / "agents");
    for (const auto& row : std::vector<Row>{
             {"BIG", "hush-" + std::string(128 << 10, 'x'), "a user secret is longer than 128 KiB"},
             {"NUL", std::string("hush-\0x", 7), "a user secret holds a NUL byte"},
             {"A=B", "hush-", "cannot be an environment variable's"}}) {
        std::string error;
        auto done = with_session(runtime, options, [&](FakeDaemon& daemon) {
            return plan_one_secret(daemon, archive, row.env_name, row.value, error);
        });
        EXPECT_TRUE(done.ok());
        EXPECT_NE(error.find(row.says), std::string::npos) << error;
        EXPECT_EQ(error.find("hush-"), std::string::npos) << error;
    }
}

}  // namespace
}  // namespace berth::terraform
