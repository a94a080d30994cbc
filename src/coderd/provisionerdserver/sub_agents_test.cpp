// Agents of dev containers, build after build (behaviour 16): terraform keeps the id it once gave one, each
// build has rows of its own.
#include <gtest/gtest.h>

#include "coderd/agents/manifest.h"
#include "coderd/provisionerdserver/fixture_testing.h"

namespace berth::coderd {
namespace {

namespace pb = ::provisionerd;
namespace rpc = berth::rpc::provisionerd;
using db::testing::quoted;
using testing::acquire;
using testing::connect_daemon;
using testing::Fixture;
using testing::ScriptedDaemon;
using testing::with_daemon;

constexpr const char* shared_id = "5ba9e7a1-0000-4000-8000-0000000000aa";

void set_result(pb::CompletedJob_WorkspaceBuild& build, const std::string& sub_agent_id) {
    build.set_state("what terraform did");
    auto* resource = build.add_resources();
    resource->set_type("docker_container");
    resource->set_name("dev");
    auto* agent = resource->add_agents();
    agent->set_name("main");
    agent->set_token(Uuid::random().to_string());
    auto* container = agent->add_devcontainers();
    container->set_name("box");
    container->set_workspace_folder("/work");
    container->set_subagent_id(sub_agent_id);
    container->add_apps()->set_slug("web");
    container->add_scripts()->set_display_name("Setup");
    auto* env = container->add_envs();
    env->set_name("PATH");
    env->set_value("/opt/bin");
}

asio::awaitable<Result<pb::Empty>> build_once(ScriptedDaemon& daemon, std::string sub_agent_id) {
    auto job = co_await acquire(daemon);
    if (!job) co_return job.error();
    pb::CompletedJob done;
    done.set_job_id(job->job_id());
    set_result(*done.mutable_workspace_build(), sub_agent_id);
    auto completed = co_await daemon.client.call(rpc::complete_job, done);
    co_return completed;
}

asio::awaitable<void> with_shared_id(Fixture&, ProvisionerdServer&, net::TaskGroup&, ScriptedDaemon& daemon) {
    auto built = co_await build_once(daemon, shared_id);
    EXPECT_TRUE(built) << built.error().to_string();
}

/// A column of the sub-agent that the build's dev container points at; the row has to be the build's own.
std::string of_sub_agent(Fixture& fixture, const Uuid& job, const std::string& column) {
    return fixture.sql("SELECT " + column +
                       " FROM workspace_resources AS r "
                       "JOIN workspace_agents AS main ON main.resource_id = r.id AND main.parent_id IS NULL "
                       "JOIN workspace_agent_devcontainers AS d ON d.workspace_agent_id = main.id "
                       "JOIN workspace_agents AS sub ON sub.id = d.subagent_id AND sub.parent_id = main.id "
                       "AND sub.resource_id = r.id WHERE r.job_id = " +
                       quoted(job));
}

::coder::agent::v2::Manifest manifest_of(Fixture& fixture, const std::string& agent_id,
                                         const Fixture::Build& build) {
    AgentIdentity identity{*Uuid::parse(agent_id), build.workspace_id, build.build_id, fixture.user};
    return fixture.runtime.run(build_manifest(fixture.context, identity)).value();
}

void expect_whole(Fixture& fixture, const Fixture::Build& build) {
    auto sub_agent = of_sub_agent(fixture, build.job_id, "sub.id");
    ASSERT_TRUE(Uuid::parse(sub_agent)) << "the dev container points at no agent of its build";
    auto main_agent = of_sub_agent(fixture, build.job_id, "main.id");
    auto parent = manifest_of(fixture, main_agent, build);
    ASSERT_EQ(parent.devcontainers_size(), 1);
    EXPECT_EQ(parent.devcontainers(0).subagent_id(), Uuid::parse(sub_agent)->raw());
    auto own = manifest_of(fixture, sub_agent, build);
    EXPECT_EQ(own.parent_id(), Uuid::parse(main_agent)->raw());
    EXPECT_EQ(own.agent_name(), "box");
    EXPECT_EQ(own.directory(), "/work");
    EXPECT_EQ(own.environment_variables().at("PATH"), "/opt/bin");
    ASSERT_EQ(own.apps_size(), 1);
    EXPECT_EQ(own.apps(0).slug(), "web");
    ASSERT_EQ(own.scripts_size(), 1);
    EXPECT_EQ(own.scripts(0).display_name(), "Setup");
}

TEST(SubAgents, ARebuildHasAnAgentOfItsOwnUnderTheIdThatTerraformKept) {
    Fixture fixture;
    auto base = fixture.add_template("base");
    auto first = fixture.add_workspace(base, "demo");
    with_daemon(fixture, with_shared_id);
    EXPECT_EQ(of_sub_agent(fixture, first.job_id, "sub.id"), shared_id);
    expect_whole(fixture, first);
    auto token = of_sub_agent(fixture, first.job_id, "sub.auth_token");

    auto second = fixture.add_build(base, first.workspace_id, 2, "start");
    with_daemon(fixture, with_shared_id);
    EXPECT_EQ(fixture.job_status(second.job_id), "succeeded");
    EXPECT_NE(of_sub_agent(fixture, second.job_id, "sub.id"), shared_id);
    expect_whole(fixture, second);
    EXPECT_EQ(of_sub_agent(fixture, first.job_id, "sub.auth_token"), token) << "what was stays what it was";
}

TEST(SubAgents, AnotherWorkspacesIdOpensNothing) {
    Fixture fixture;
    auto base = fixture.add_template("base");
    auto victim = fixture.add_workspace(base, "demo");
    with_daemon(fixture, with_shared_id);
    auto before = fixture.sql("SELECT md5(string_agg(a::text, ',' ORDER BY id)) FROM workspace_agents AS a");

    auto hostile = fixture.add_workspace(base, "hostile");
    with_daemon(fixture, with_shared_id);
    EXPECT_EQ(fixture.job_status(hostile.job_id), "succeeded");
    expect_whole(fixture, hostile);
    EXPECT_NE(of_sub_agent(fixture, hostile.job_id, "sub.id"), shared_id);
    EXPECT_EQ(of_sub_agent(fixture, victim.job_id, "sub.id"), shared_id);
    EXPECT_EQ(fixture.sql("SELECT md5(string_agg(a::text, ',' ORDER BY a.id)) FROM workspace_agents AS a "
                          "JOIN workspace_resources AS r ON r.id = a.resource_id WHERE r.job_id = " +
                          quoted(victim.job_id)),
              before);
}

constexpr char withheld[] = "no_user_data";
constexpr char everything[] = "all";
constexpr char unsaid[] = "";

template <const char* scope>
asio::awaitable<void> with_scope(Fixture&, ProvisionerdServer&, net::TaskGroup&, ScriptedDaemon& daemon) {
    auto job = co_await acquire(daemon);
    EXPECT_TRUE(job);
    if (!job) co_return;
    pb::CompletedJob done;
    done.set_job_id(job->job_id());
    set_result(*done.mutable_workspace_build(), shared_id);
    auto* agent = done.mutable_workspace_build()->mutable_resources(0)->mutable_agents(0);
    agent->set_api_key_scope(scope);
    agent->set_troubleshooting_url("https://help.example.com");
    auto completed = co_await daemon.client.call(rpc::complete_job, done);
    EXPECT_TRUE(completed) << completed.error().to_string();
}

TEST(Wire, N16_ASubAgentGetsNoSecretThatItsParentDoesNotGet) {
    struct Row {
        testing::Script script;
        int secrets;
    };
    for (const auto& row :
         {Row{with_scope<withheld>, 0}, Row{with_scope<everything>, 1}, Row{with_scope<unsaid>, 1}}) {
        Fixture fixture;
        fixture.sql(
            "INSERT INTO user_secrets (id, user_id, name, env_name, file_path, value, value_size, "
            "created_at, updated_at) VALUES (gen_random_uuid(), " +
            quoted(fixture.user) + ", 'token', 'TOKEN', '', 'hush', 4, now(), now())");
        auto build = fixture.add_workspace(fixture.add_template("base"), "demo");
        with_daemon(fixture, row.script);
        for (const char* agent : {"main", "sub"}) {
            auto id = of_sub_agent(fixture, build.job_id, agent + std::string(".id"));
            EXPECT_EQ(manifest_of(fixture, id, build).secrets_size(), row.secrets) << agent;
            EXPECT_EQ(of_sub_agent(fixture, build.job_id, agent + std::string(".troubleshooting_url")),
                      "https://help.example.com");
        }
    }
}

/// Several completions that claim one id are under way at once.
asio::awaitable<void> all_at_once(Fixture&, ProvisionerdServer& server, net::TaskGroup& group,
                                  ScriptedDaemon&) {
    std::vector<ScriptedDaemon> daemons;
    for (int i = 0; i < 6; ++i)
        daemons.push_back(connect_daemon(group, server, "daemon-" + std::to_string(i)));
    net::TaskGroup at_once(group.executor(), base::Logger("test"));
    for (auto& daemon : daemons) {
        auto build = [](ScriptedDaemon& with) -> asio::awaitable<void> {
            auto built = co_await build_once(with, shared_id);
            EXPECT_TRUE(built) << built.error().to_string();
        };
        at_once.spawn("build", build(daemon));
    }
    co_await at_once.join();
    for (auto& daemon : daemons)
        daemon.session->close();
}

TEST(SubAgents, BuildsThatClaimOneIdAtOnceAllSucceed) {
    Fixture fixture;
    auto base = fixture.add_template("base");
    std::vector<Fixture::Build> builds;
    for (int i = 0; i < 6; ++i)
        builds.push_back(fixture.add_workspace(base, "demo-" + std::to_string(i)));
    with_daemon(fixture, all_at_once);
    for (const auto& build : builds) {
        EXPECT_EQ(fixture.job_status(build.job_id), "succeeded");
        expect_whole(fixture, build);
    }
    EXPECT_EQ(fixture.sql("SELECT count(DISTINCT id) FROM workspace_agents WHERE parent_id IS NOT NULL"),
              "6");
}

asio::awaitable<void> without_id(Fixture&, ProvisionerdServer&, net::TaskGroup&, ScriptedDaemon& daemon) {
    for (const char* id : {"", "00000000-0000-0000-0000-000000000000"}) {
        auto built = co_await build_once(daemon, id);
        EXPECT_TRUE(built) << built.error().to_string();
    }
}

TEST(SubAgents, WithoutAnIdOneIsMade) {
    Fixture fixture;
    auto base = fixture.add_template("base");
    auto first = fixture.add_workspace(base, "one");
    auto second = fixture.add_workspace(base, "two");
    with_daemon(fixture, without_id);
    expect_whole(fixture, first);
    expect_whole(fixture, second);
    EXPECT_NE(of_sub_agent(fixture, second.job_id, "sub.id"), Uuid().to_string());
}

asio::awaitable<void> malformed_id(Fixture&, ProvisionerdServer&, net::TaskGroup&, ScriptedDaemon& daemon) {
    auto refused = co_await build_once(daemon, "5ba9e7a1-box");
    EXPECT_FALSE(refused);
    if (refused) co_return;
    EXPECT_NE(refused.error().message().find("dev container \"box\""), std::string::npos);
}

TEST(SubAgents, AMalformedIdEndsTheBuildAndLeavesTheStateAlone) {
    Fixture fixture;
    auto build = fixture.add_workspace(fixture.add_template("base"), "demo");
    with_daemon(fixture, malformed_id);
    EXPECT_EQ(fixture.job_status(build.job_id), "failed");
    EXPECT_EQ(fixture.sql("SELECT error FROM provisioner_jobs WHERE id = " + quoted(build.job_id)),
              "the sub-agent id of dev container \"box\" is not a UUID");
    EXPECT_EQ(fixture.sql("SELECT count(*) FROM workspace_agents"), "0");
    EXPECT_EQ(fixture.sql("SELECT convert_from(state, 'UTF8') FROM workspace_build_states"),
              "what terraform did")
        << "terraform made it: it must be known";
}

}  // namespace
}  // namespace berth::coderd
