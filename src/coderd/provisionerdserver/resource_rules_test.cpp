#include "coderd/provisionerdserver/resource_rules.h"

#include <functional>

#include <gtest/gtest.h>

#include "base/uuid.h"
#include "provisioner.pb.h"

namespace berth::coderd {
namespace {

using Resources = google::protobuf::RepeatedPtrField<provisioner::Resource>;

provisioner::Agent& add_agent(Resources& resources, const std::string& name) {
    auto& agent = *resources.Add()->add_agents();
    agent.set_name(name);
    agent.set_token(Uuid::random().to_string());
    return agent;
}

TEST(ResourceRules, Names) {
    for (const char* bad : {"", "-", "a-", "-a", "a--b", "A", "a_b", "a b", "ä", "a/b", "a.b"})
        EXPECT_FALSE(is_app_slug(bad)) << bad;
    EXPECT_FALSE(is_app_slug(std::string(65, 'a')));
    for (const char* good : {"a", "0", "a-b", "code-server", "a1-2b"})
        EXPECT_TRUE(is_app_slug(good)) << good;
    EXPECT_TRUE(is_agent_name("Main-2"));
    EXPECT_FALSE(is_agent_name("main_2"));
}

struct Bad {
    const char* says;
    std::function<void(Resources&)> make;
};

TEST(ResourceRules, RefusesWithTheReason) {
    const Bad table[] = {
        {"duplicate agent name", [](Resources& r) { add_agent(r, "main"), add_agent(r, "main"); }},
        {"duplicate agent name", [](Resources& r) { add_agent(r, "main"), add_agent(r, "MAIN"); }},
        {"agent name", [](Resources& r) { add_agent(r, ""); }},
        {"agent name", [](Resources& r) { add_agent(r, "a b"); }},
        {"not a UUID", [](Resources& r) { add_agent(r, "main").set_token("secret"); }},
        {"token of another agent",
         [](Resources& r) {
             add_agent(r, "a").set_token("0A0b0c0d-0000-4000-8000-000000000001");
             add_agent(r, "b").set_token("0a0b0c0d-0000-4000-8000-000000000001");
         }},
        {"must have a slug", [](Resources& r) { add_agent(r, "main").add_apps(); }},
        {"app slug", [](Resources& r) { add_agent(r, "main").add_apps()->set_slug("Code_Server"); }},
        {"duplicate app slug",
         [](Resources& r) {
             add_agent(r, "a").add_apps()->set_slug("web");
             add_agent(r, "b").add_apps()->set_slug("web");
         }},
        {"duplicate env var",
         [](Resources& r) {
             auto& agent = add_agent(r, "main");
             (*agent.mutable_env())["PATH"] = "/bin";
             agent.add_extra_envs()->set_name("PATH");
             agent.mutable_extra_envs(0)->set_merge_strategy("error");
         }},
        {"duplicate agent name",
         [](Resources& r) {
             auto* container = add_agent(r, "main").add_devcontainers();
             container->set_name("Main");
             container->set_workspace_folder("/work");
             container->set_subagent_id(Uuid::random().to_string());
         }},
        {"metadata of agent \"main\": \"load\"",
         [](Resources& r) {
             auto& agent = add_agent(r, "main");
             agent.add_metadata()->set_key("load");
             agent.add_metadata()->set_key("load");
         }},
        {"monitored volumes of agent \"main\": \"/\"",
         [](Resources& r) {
             auto* monitoring = add_agent(r, "main").mutable_resources_monitoring();
             monitoring->add_volumes()->set_path("/");
             monitoring->add_volumes()->set_path("/");
         }},
        {"metadata of \"docker_container.dev\": \"cpu\"",
         [](Resources& r) {
             auto* resource = r.Add();
             resource->set_type("docker_container");
             resource->set_name("dev");
             resource->add_metadata()->set_key("cpu");
             resource->add_metadata()->set_key("cpu");
         }},
        {"sub-agent id of dev container \"box\"",
         [](Resources& r) {
             auto* container = add_agent(r, "main").add_devcontainers();
             container->set_name("box");
             container->set_workspace_folder("/work");
             container->set_subagent_id("box-1");
         }},
        {"workspace folder", [](Resources& r) { add_agent(r, "main").add_devcontainers()->set_name("dev"); }},
    };
    for (const auto& row : table) {
        Resources resources;
        row.make(resources);
        auto checked = check_resources(resources);
        ASSERT_FALSE(checked) << row.says;
        EXPECT_NE(checked.error().message().find(row.says), std::string::npos) << checked.error().message();
    }
}

TEST(ResourceRules, TakesGoodOnesAndChangesNothing) {
    Resources resources;
    auto& agent = add_agent(resources, "main");
    agent.add_apps()->set_slug("web");
    add_agent(resources, "gpu").set_instance_id("i-123");
    std::string before = resources.Get(0).SerializeAsString();
    EXPECT_TRUE(check_resources(resources));
    // An app without a health check stays without one (behaviour 10).
    EXPECT_EQ(resources.Get(0).SerializeAsString(), before);
    EXPECT_FALSE(agent.apps(0).has_healthcheck());
}

}  // namespace
}  // namespace berth::coderd
