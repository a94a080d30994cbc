// What belongs to what: what cannot be decided is said, and never costs a build.
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "provisioner/terraform/describe.h"
#include "provisioner/terraform/session_testing.h"

namespace berth::terraform {
namespace {

namespace json = boost::json;
namespace pb = ::provisioner;

/// One managed resource as `terraform show -json` has it; "coder_app.web[1]" has the index 1.
json::object resource(const std::string& address, json::object values) {
    auto bracket = address.find('[');
    auto plain = address.substr(0, bracket);
    auto dot = plain.find('.');
    json::object out{{"address", address},
                     {"mode", "managed"},
                     {"type", plain.substr(0, dot)},
                     {"name", plain.substr(dot + 1)},
                     {"values", std::move(values)}};
    if (bracket != std::string::npos) out["index"] = std::stoi(address.substr(bracket + 1));
    return out;
}

json::object agent(const std::string& address, const std::string& id) {
    return resource(address, {{"id", id}, {"os", "linux"}, {"arch", "amd64"}});
}

json::object child(const std::string& address, const std::string& agent_id) {
    json::object values{{"agent_id", agent_id}, {"slug", "web"}, {"name", "A"}, {"value", "b"}};
    values["workspace_folder"] = "/work";
    return resource(address, std::move(values));
}

/// A state, for which values decide.
std::string state_of(json::array resources) {
    json::object root{{"root_module", json::object{{"resources", std::move(resources)}}}};
    return json::serialize(json::object{{"format_version", "1.0"}, {"values", std::move(root)}});
}

std::string graph_of(std::initializer_list<std::pair<const char*, const char*>> edges) {
    std::string dot = "digraph G {\n";
    for (const auto& [from, to] : edges)
        dot += "  \"" + std::string(from) + "\" -> \"" + to + "\";\n";
    return dot + "}\n";
}

Result<Description> describe_state(json::array resources, const std::string& dot, bool starts = true) {
    auto model = read_state(state_of(std::move(resources)));
    if (!model) return model.error();
    auto graph = Graph::parse(dot);
    if (!graph) return graph.error();
    return describe(*model, *graph, starts);
}

struct Orphan {
    std::string address;
    std::string agent_id;
};

TEST(links, a_child_without_its_agent_is_left_out_and_named) {
    for (const auto& row : std::vector<Orphan>{{"coder_app.web", "somebody-elses"},
                                               {"coder_app.web", ""},
                                               {"coder_script.run", "id-of-a-machine"},
                                               {"coder_env.path", "nobody"},
                                               {"coder_devcontainer.box", "nobody"},
                                               {"coder_agent_instance.cloud", "nobody"},
                                               // Dev containers are in agents, not in one another.
                                               {"coder_devcontainer.inner", "sub-agent-of-outer"}}) {
        SCOPED_TRACE(row.address);
        auto outer = child("coder_devcontainer.outer", "a-1");
        outer["values"].as_object()["subagent_id"] = "sub-agent-of-outer";
        auto described =
            describe_state({agent("coder_agent.main", "a-1"), outer, child(row.address, row.agent_id),
                            resource("docker_container.dev", {{"id", "id-of-a-machine"}})},
                           graph_of({{"docker_container.dev", "coder_agent.main"}}));
        ASSERT_TRUE(described.ok()) << described.error().to_string();
        ASSERT_EQ(described->warnings.size(), 1u);
        EXPECT_EQ(described->warnings[0],
                  row.address + " is left out: its agent_id is that of no agent of this template");
        const auto& main = described->message.resources(0).agents(0);
        EXPECT_EQ(main.apps_size() + main.scripts_size() + main.extra_envs_size(), 0);
        EXPECT_EQ(main.devcontainers_size(), 1);
    }
}

TEST(links, a_stopped_workspace_has_nothing_to_warn_of) {
    auto described = describe_state({child("coder_app.web", "")}, graph_of({}), false);
    ASSERT_TRUE(described.ok());
    EXPECT_TRUE(described->warnings.empty());
    // Neither has one that keeps its agent but no machine.
    described = describe_state({agent("coder_agent.main", "a-1")}, graph_of({}), false);
    ASSERT_TRUE(described.ok());
    EXPECT_TRUE(described->warnings.empty());
}

TEST(links, an_agent_that_nothing_needs_is_named) {
    auto described =
        describe_state({agent("coder_agent.main", "a-1"), resource("null_resource.x", {})}, graph_of({}));
    ASSERT_TRUE(described.ok());
    EXPECT_EQ(described->warnings,
              std::vector<std::string>{"coder_agent.main is left out: no resource needs it"});
    EXPECT_EQ(described->message.resources(0).agents_size(), 0);
}

TEST(links, machines_that_need_an_agent_alike_are_named) {
    auto described = describe_state({agent("coder_agent.main", "a-1"), resource("docker_container.b", {}),
                                     resource("docker_container.a", {}), resource("docker_volume.far", {})},
                                    graph_of({{"docker_container.b", "coder_agent.main"},
                                              {"docker_container.a", "coder_agent.main"},
                                              {"docker_volume.far", "docker_container.a"}}));
    ASSERT_TRUE(described.ok());
    EXPECT_EQ(described->warnings,
              std::vector<std::string>{"coder_agent.main is needed by docker_container.a and "
                                       "docker_container.b alike: it is shown with the first"});
    EXPECT_EQ(described->message.resources(0).agents_size(), 1) << "the first address";
    EXPECT_EQ(described->message.resources(1).agents_size(), 0);
}

TEST(links, copies_of_a_machine_with_their_own_agents_are_no_riddle) {
    auto described =
        describe_state({agent("coder_agent.main[0]", "a-0"), agent("coder_agent.main[1]", "a-1"),
                        resource("docker_container.dev[0]", {}), resource("docker_container.dev[1]", {})},
                       graph_of({{"docker_container.dev", "coder_agent.main"}}));
    // Both are called "main", which is another matter.
    ASSERT_FALSE(described.ok());
    EXPECT_NE(described.error().message().find("duplicate agent name"), std::string::npos);
    described = describe_state(
        {agent("coder_agent.main", "a-0"), resource("docker_container.dev[0]", {}),
         resource("docker_container.dev[1]", {}), child("coder_app.web", "a-0")},
        graph_of({{"docker_container.dev", "coder_agent.main"}, {"coder_app.web", "coder_agent.main"}}));
    ASSERT_TRUE(described.ok());
    EXPECT_EQ(described->warnings,
              std::vector<std::string>{"coder_agent.main is needed by docker_container.dev[0] and "
                                       "docker_container.dev[1] alike: it is shown with the first"});
}

TEST(links, resources_of_one_id_are_named_when_nothing_tells_them_apart) {
    auto resources = [] {
        return json::array{agent("coder_agent.main", "a-1"), resource("docker_container.a", {{"id", "same"}}),
                           resource("docker_volume.b", {{"id", "same"}}),
                           resource("coder_metadata.info", {{"resource_id", "same"}})};
    };
    auto described = describe_state(resources(), graph_of({{"docker_container.a", "coder_agent.main"}}));
    ASSERT_TRUE(described.ok());
    EXPECT_EQ(described->warnings,
              std::vector<std::string>{"coder_metadata.info could describe any of docker_container.a and "
                                       "docker_volume.b: it is taken for the first's"});
    described = describe_state(resources(), graph_of({{"docker_container.a", "coder_agent.main"},
                                                      {"coder_metadata.info", "docker_volume.b"}}));
    ASSERT_TRUE(described.ok());
    EXPECT_TRUE(described->warnings.empty()) << "the graph tells";
}

TEST(links, a_graph_that_bites_its_tail_ends) {
    auto described = describe_state({agent("coder_agent.main", "a-1"), child("coder_app.web", "unknown"),
                                     resource("docker_container.a", {})},
                                    graph_of({{"docker_container.a", "docker_container.a"},
                                              {"docker_container.a", "coder_agent.main"},
                                              {"coder_agent.main", "coder_app.web"},
                                              {"coder_app.web", "docker_container.a"}}));
    ASSERT_TRUE(described.ok());
    EXPECT_EQ(described->message.resources(0).agents_size(), 1);
}

// ---- the real terraform -----------------------------------------------------------------------------------

constexpr const char* undecided = R"(
terraform {
  required_providers {
    coder = { source = "coder/coder" }
  }
}
data "coder_workspace" "me" {}
resource "coder_agent" "a" {
  os   = "linux"
  arch = "amd64"
}
resource "coder_agent" "b" {
  os   = "linux"
  arch = "amd64"
}
resource "coder_app" "either" {
  agent_id = data.coder_workspace.me.start_count == 1 ? coder_agent.b.id : coder_agent.a.id
  slug     = "either"
  url      = "http://localhost:1"
}
resource "coder_env" "lost" {
  agent_id = "8a1f6d10-5f3c-4c5b-9d57-0a64d1b0a001"
  name     = "LOST"
  value    = "x"
}
resource "terraform_data" "one" {
  input = coder_agent.a.token
}
resource "terraform_data" "two" {
  input = coder_agent.b.token
}
)";

std::string undecided_archive() {
    std::vector<std::pair<std::string, std::string>> files{{"main.tf", undecided}};
    return tar_of(files);
}

struct Told {
    std::string plan;
    std::string state;
    pb::GraphComplete graph;
};

std::string warnings_of(const FakeDaemon& daemon) {
    std::string text;
    for (const auto& line : daemon.logs)
        if (line.level() == pb::WARN && line.output().starts_with("coder_")) text += line.output() + "\n";
    return text;
}

asio::awaitable<void> build_undecided(FakeDaemon& daemon, Told& told) {
    daemon.push(config_request());
    daemon.push(init_request(undecided_archive()));
    auto init = co_await daemon.response();
    EXPECT_EQ(init.init().error(), "");
    daemon.push(plan_request());
    auto planned = co_await daemon.response();
    EXPECT_EQ(planned.plan().error(), "");
    daemon.push(graph_request(pb::SOURCE_PLAN));
    auto graph = co_await daemon.response();
    EXPECT_EQ(graph.graph().error(), "");
    told.plan = warnings_of(daemon);
    daemon.push(apply_request());
    auto applied = co_await daemon.response();
    EXPECT_EQ(applied.apply().error(), "");
    daemon.push(graph_request(pb::SOURCE_STATE));
    auto state = co_await daemon.response();
    told.state = warnings_of(daemon);
    told.graph = state.graph();
}

TEST(links, the_builds_log_says_it_once_and_values_decide_in_the_end) {
    net::Runtime runtime(1);
    TempFolder root;
    auto options = test_options(runtime, root.path());
    Told told;
    auto done =
        with_session(runtime, options, [&](FakeDaemon& daemon) { return build_undecided(daemon, told); });
    ASSERT_TRUE(done.ok()) << done.error().to_string();
    EXPECT_EQ(told.plan,
              "coder_app.either could belong to any of coder_agent.b and coder_agent.a: it is taken for the "
              "first's\ncoder_env.lost is left out: its agent_id is that of no agent of this template\n");
    EXPECT_EQ(told.state, told.plan);
    for (const auto& made : told.graph.resources())
        EXPECT_EQ(made.agents(0).apps_size(), made.agents(0).name() == "b" ? 1 : 0);
}

}  // namespace
}  // namespace berth::terraform
