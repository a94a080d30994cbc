#include <gtest/gtest.h>

#include "coderd/provisionerdserver/fixture_testing.h"

namespace berth::coderd {
namespace {

using testing::Fixture;
using testing::ScriptedDaemon;

struct KnownVariable {
    const char* name;
    const char* default_value;
    bool required;
    /// What the version is to have.
    const char* value;
};
const std::vector<KnownVariable> known_variables{
    {"given", "", true, "people"}, {"of_file", "", false, "file"},       {"kept", "default", false, "before"},
    {"kept_empty", "", true, ""},  {"new_default", "new", false, "new"}, {"unknown_before", "x", false, "x"}};

asio::awaitable<void> variables_script(Fixture&, ProvisionerdServer&, net::TaskGroup&,
                                       ScriptedDaemon& daemon) {
    auto job = co_await testing::acquire(daemon);
    EXPECT_TRUE(job) << job.error().to_string();
    if (!job) co_return;
    ::provisionerd::UpdateJobRequest update;
    update.set_job_id(job->job_id());
    for (const auto& known : known_variables) {
        auto* variable = update.add_template_variables();
        variable->set_name(known.name);
        variable->set_default_value(known.default_value);
        variable->set_required(known.required);
    }
    for (const char* name : {"given", "of_file"}) {
        auto* value = update.add_user_variable_values();
        value->set_name(name);
        value->set_value("file");
    }
    auto answer = co_await daemon.client.call(berth::rpc::provisionerd::update_job, update);
    EXPECT_TRUE(answer) << answer.error().to_string();
    if (!answer) co_return;
    std::map<std::string, std::string> values;
    for (const auto& value : answer->variable_values())
        values[value.name()] = value.value();
    for (const auto& known : known_variables) {
        EXPECT_EQ(values.count(known.name), 1u) << known.name;
        EXPECT_EQ(values[known.name], known.value) << known.name;
    }
    ::provisionerd::FailedJob failure;
    failure.set_job_id(job->job_id());
    failure.set_error("enough");
    auto failed = co_await daemon.client.call(berth::rpc::provisionerd::fail_job, failure);
    EXPECT_TRUE(failed);
}

TEST(ProvisionerdServer, VariablesHaveTheValueThatWins) {
    Fixture fixture;
    auto imported = fixture.add_template("base");
    auto active = "'" + imported.version_id.to_string() + "'";
    fixture.sql(
        "INSERT INTO template_version_variables (template_version_id, name, description, type, value, "
        "default_value, required, sensitive) SELECT " +
        active +
        ", name, '', '', value, default_value, required, false FROM (VALUES ('given', 'before', '', true), "
        "('of_file', 'before', '', true), ('kept', 'before', 'default', false), ('kept_empty', '', '', "
        "true), "
        "('new_default', 'old', 'old', false), ('gone', 'before', '', true)) "
        "AS v (name, value, default_value, required)");
    auto job = fixture.add_import_job(R"({"scope": "organization", "owner": ""})",
                                      R"(, "user_variable_values": [{"name": "given", "value": "people"}])");
    fixture.sql("UPDATE template_versions SET template_id = '" + imported.template_id.to_string() +
                "' WHERE job_id = '" + job.to_string() + "'");
    testing::with_daemon(fixture, variables_script);
    EXPECT_EQ(fixture.sql("SELECT count(*) FROM template_version_variables AS v JOIN template_versions AS t "
                          "ON t.id = v.template_version_id WHERE t.job_id = '" +
                          job.to_string() + "'"),
              std::to_string(known_variables.size()));
}

}  // namespace
}  // namespace berth::coderd
