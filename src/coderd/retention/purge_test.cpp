#include "coderd/retention/purge.h"

#include <gtest/gtest.h>

#include "coderd/coderd_testing.h"

namespace berth::coderd {
namespace {

using db::testing::quoted;
using testing::Api;

class Purge : public ::testing::Test {
protected:
    Purge() { api.sql("DELETE FROM api_keys"); }

    std::string when(std::chrono::hours ago) {
        auto seconds = (api.clock.now() - ago).time_since_epoch() / std::chrono::seconds(1);
        return "to_timestamp(" + std::to_string(seconds) + ")";
    }
    void add_key(const std::string& id, const Uuid& owner, std::chrono::hours expired_for) {
        api.sql(
            "INSERT INTO api_keys (id, hashed_secret, user_id, last_used, expires_at, created_at, "
            "updated_at, "
            "login_type) VALUES ('" +
            id + "', decode(repeat('00', 32), 'hex'), " + quoted(owner) + ", now(), " + when(expired_for) +
            ", now(), now(), 'password')");
    }
    void purge_now() {
        auto purged = api.runtime.run(purge(api.context));
        EXPECT_TRUE(purged) << purged.error().to_string();
    }

    Api api;
};

TEST_F(Purge, KeysGoWhenTheyExpiredLongAgo) {
    add_key("keylongago", api.user, std::chrono::hours(24 * 8));
    add_key("keylastday", api.user, std::chrono::hours(24 * 6));
    add_key("keytheirs1", api.user, std::chrono::hours(-24));
    // n°23: nothing may act for the owner of prebuilt workspaces.
    add_key("keyprebuil", rbac::prebuilds_user_id(), std::chrono::hours(-24));
    purge_now();
    EXPECT_EQ(api.sql("SELECT string_agg(id, ' ' ORDER BY id) FROM api_keys"), "keylastday keytheirs1");
}

TEST_F(Purge, LogsOfGoneAgentsGoButThoseOfTheLatestBuildStay) {
    auto made = api.add_shared_template("docker");
    auto first = api.add_running_workspace(made, api.user, "dev");
    auto gone = api.add_agent(first.job_id, "main");
    auto second = api.add_build(made, first.workspace_id, 2, "start");
    auto latest = api.add_agent(second.job_id, "main");
    for (const auto& agent : {gone.id, latest.id})
        api.sql(
            "INSERT INTO workspace_agent_logs (agent_id, created_at, output, level, log_source_id) VALUES (" +
            quoted(agent) + ", now(), 'a line', 'info', gen_random_uuid())");
    api.sql("UPDATE workspace_agents SET created_at = " + when(std::chrono::hours(24 * 9)) +
            ", last_connected_at = " + when(std::chrono::hours(24 * 6)));
    purge_now();
    EXPECT_EQ(api.sql("SELECT count(*) FROM workspace_agent_logs"), "2") << "it was there last week";
    api.sql("UPDATE workspace_agents SET last_connected_at = " + when(std::chrono::hours(24 * 8)));
    purge_now();
    EXPECT_EQ(api.sql("SELECT agent_id FROM workspace_agent_logs"), latest.id.to_string());
}

}  // namespace
}  // namespace berth::coderd
