#include "coderd/jobs/unmatched.h"

#include <gtest/gtest.h>

#include "coderd/coderd_testing.h"

namespace berth::coderd {
namespace {

TEST(UnmatchedTest, TheReasonNamesWhatIsMissing) {
    const Tags shared = complete_tags({}, Uuid());
    const Tags eu = complete_tags({{"region", "eu"}}, Uuid());
    const Tags gpu = complete_tags({{"gpu", "yes"}}, Uuid());
    auto terraform = [](const Tags& tags) { return DaemonOfferRow{{db::ProvisionerType::terraform}, tags}; };
    struct Row {
        std::vector<DaemonOfferRow> daemons;
        Tags job;
        std::string reason;
    };
    for (const auto& row : std::vector<Row>{
             {{}, shared, "no provisioner daemon is connected"},
             {{terraform(shared)}, shared, ""},
             {{terraform(eu)}, eu, ""},
             {{terraform(shared)}, eu, "no connected provisioner daemon has the tag region=eu"},
             {{terraform(shared), terraform(gpu)},
              complete_tags({{"region", "us"}, {"zone", "a"}}, Uuid()),
              "no connected provisioner daemon has the tags region=us, zone=a"},
             {{terraform(eu), terraform(gpu)},
              complete_tags({{"region", "eu"}, {"gpu", "yes"}}, Uuid()),
              "no connected provisioner daemon has all of the tags gpu=yes, region=eu, scope=organization "
              "and "
              "nothing that keeps it for other jobs"},
         })
        EXPECT_EQ(unmatched_reason(row.daemons, db::ProvisionerType::terraform, row.job), row.reason);
    EXPECT_EQ(unmatched_reason({terraform(shared)}, db::ProvisionerType::echo, shared),
              "no connected provisioner daemon runs echo templates");
}

TEST(UnmatchedTest, ABuildThatNobodyCanTakeSaysSoAtOnce) {
    testing::Api api;
    auto mary = api.add_user("mary");
    auto imported = api.add_shared_template("t");
    auto create = [&](const std::string& name) {
        return api.post(
            "/api/v2/users/me/workspaces", mary.token,
            R"({"name": ")" + name + R"(", "template_id": ")" + imported.template_id.to_string() + "\"}");
    };
    auto first = create("first");
    ASSERT_EQ(first.status, 201u) << first.text;
    auto line = api.sql("SELECT output FROM provisioner_job_logs");
    EXPECT_NE(line.find("no provisioner daemon is connected"), std::string::npos) << line;

    api.sql("DELETE FROM provisioner_job_logs");
    api.sql(
        "INSERT INTO provisioner_keys (id, created_at, organization_id, name, hashed_secret) VALUES "
        "('00000000-0000-0000-0000-0000000000aa', now(), '" +
        api.organization.to_string() + "', 'k', 'x')");
    api.sql(
        "INSERT INTO provisioner_daemons (id, created_at, organization_id, key_id, name, provisioners, tags, "
        "last_seen_at) VALUES (gen_random_uuid(), now(), '" +
        api.organization.to_string() +
        "', '00000000-0000-0000-0000-0000000000aa', 'd', '{terraform}', "
        "'{\"scope\": \"organization\", \"owner\": \"\"}', now())");
    ASSERT_EQ(create("second").status, 201u);
    EXPECT_EQ(api.sql("SELECT count(*) FROM provisioner_job_logs"), "0");
}

}  // namespace
}  // namespace berth::coderd
