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
    /// What the *.tfvars files of the new version say, and what a person gives with it.
    const char* file;
    const char* person;
    /// The row of the active version as SQL: value, default_value, required, given.
    const char* active;
    /// What the new version is to have.
    const char* value;
    bool given;
};
const std::vector<KnownVariable> known_variables{
    {"person", "", true, nullptr, "people", "'before', '', true, true", "people", true},
    {"person_over_file", "x", false, "file", "people", "'before', '', true, true", "people", true},
    {"person_says_default", "x", false, "file", "x", nullptr, "x", true},
    {"file", "", false, "file", nullptr, nullptr, "file", false},
    {"file_over_kept", "x", false, "file", nullptr, "'before', 'x', false, true", "file", false},
    {"expression_over_kept", "x", false, "", nullptr, "'before', 'x', false, true", "", false},
    {"kept", "x", false, nullptr, nullptr, "'before', 'x', false, true", "before", true},
    {"kept_default", "new", false, nullptr, nullptr, "'old', 'old', false, true", "old", true},
    {"kept_empty", "", true, nullptr, nullptr, "'', '', true, true", "", true},
    {"of_file_before", "x", false, nullptr, nullptr, "'before', 'x', false, false", "x", false},
    {"default_before", "new", false, nullptr, nullptr, "'old', 'old', false, false", "new", false},
    {"unknown_before", "x", false, nullptr, nullptr, nullptr, "x", false},
    // Stored before it was known who gave a value.
    {"old", "x", false, nullptr, nullptr, "'before', 'x', false, NULL", "before", true},
    {"old_required", "x", false, nullptr, nullptr, "'', '', true, NULL", "", true},
    {"old_default", "new", false, nullptr, nullptr, "'old', 'old', false, NULL", "new", false},
};

/// Fails the job that is under way, so that it is over.
asio::awaitable<void> end_job(ScriptedDaemon& daemon, std::string job_id) {
    ::provisionerd::FailedJob failure;
    failure.set_job_id(std::move(job_id));
    failure.set_error("enough");
    auto failed = co_await daemon.client.call(berth::rpc::provisionerd::fail_job, failure);
    EXPECT_TRUE(failed);
}

::provisionerd::UpdateJobRequest parsed_variables(std::string job_id) {
    ::provisionerd::UpdateJobRequest update;
    update.set_job_id(std::move(job_id));
    for (const auto& known : known_variables) {
        auto* variable = update.add_template_variables();
        variable->set_name(known.name);
        variable->set_default_value(known.default_value);
        variable->set_required(known.required);
        const char* told = known.person != nullptr ? known.person : known.file;
        if (told == nullptr) continue;
        auto* value = update.add_user_variable_values();
        value->set_name(known.name);
        value->set_value(told);
    }
    return update;
}

asio::awaitable<void> variables_script(Fixture&, ProvisionerdServer&, net::TaskGroup&,
                                       ScriptedDaemon& daemon) {
    auto job = co_await testing::acquire(daemon);
    EXPECT_TRUE(job) << job.error().to_string();
    if (!job) co_return;
    auto update = parsed_variables(job->job_id());
    auto answer = co_await daemon.client.call(berth::rpc::provisionerd::update_job, update);
    EXPECT_TRUE(answer) << answer.error().to_string();
    if (!answer) co_return;
    std::map<std::string, provisioner::VariableValue> values;
    for (const auto& value : answer->variable_values())
        values[value.name()] = value;
    for (const auto& known : known_variables) {
        EXPECT_EQ(values.count(known.name), 1u) << known.name;
        EXPECT_EQ(values[known.name].value(), known.value) << known.name;
        EXPECT_TRUE(values[known.name].has_given()) << known.name;
        EXPECT_EQ(values[known.name].given(), known.given) << known.name;
    }
    co_await end_job(daemon, job->job_id());
}

void add_variable(Fixture& fixture, const Uuid& version, const std::string& name, const std::string& values) {
    fixture.sql(
        "INSERT INTO template_version_variables (template_version_id, name, type, value, default_value, "
        "required, given) VALUES ('" +
        version.to_string() + "', '" + name + "', '', " + values + ")");
}

TEST(ProvisionerdServer, VariablesHaveTheValueThatWins) {
    Fixture fixture;
    auto imported = fixture.add_template("base");
    add_variable(fixture, imported.version_id, "gone", "'before', '', true, true");
    std::string input;
    for (const auto& known : known_variables) {
        if (known.active != nullptr) add_variable(fixture, imported.version_id, known.name, known.active);
        if (known.person == nullptr) continue;
        input += (input.empty() ? "" : ", ") + std::string(R"({"name": ")") + known.name +
                 R"(", "value": ")" + known.person + "\"}";
    }
    auto job = fixture.add_import_job(R"({"scope": "organization", "owner": ""})",
                                      R"(, "user_variable_values": [)" + input + "]");
    fixture.sql("UPDATE template_versions SET template_id = '" + imported.template_id.to_string() +
                "' WHERE job_id = '" + job.to_string() + "'");
    testing::with_daemon(fixture, variables_script);
    std::string stored;
    std::string wanted;
    for (const auto& known : known_variables) {
        wanted += std::string(known.name) + "=" + known.value + (known.given ? " given\n" : "\n");
        stored += fixture.sql(
            "SELECT v.name || '=' || v.value || CASE WHEN v.given THEN E' given\\n' ELSE E'\\n' "
            "END FROM template_version_variables AS v JOIN template_versions AS t "
            "ON t.id = v.template_version_id WHERE t.job_id = '" +
            job.to_string() + "' AND v.name = '" + known.name + "'");
    }
    EXPECT_EQ(stored, wanted);
    EXPECT_EQ(fixture.sql("SELECT count(*) FROM template_version_variables AS v JOIN template_versions AS t "
                          "ON t.id = v.template_version_id WHERE t.job_id = '" +
                          job.to_string() + "'"),
              std::to_string(known_variables.size()));
}

/// "name=value", then what is said of who gave it.
std::string told(const google::protobuf::RepeatedPtrField<provisioner::VariableValue>& values) {
    std::string text;
    for (const auto& value : values) {
        text += (text.empty() ? "" : ", ") + value.name() + "=" + value.value();
        if (value.has_given()) text += value.given() ? " given" : " not given";
    }
    return text;
}

asio::awaitable<void> builds_script(Fixture&, ProvisionerdServer&, net::TaskGroup&, ScriptedDaemon& daemon) {
    for (const char* wanted : {"a=1 given, b=2 not given, c=3", "a=1 given, b=run given, c=run given"}) {
        auto job = co_await testing::acquire(daemon);
        EXPECT_TRUE(job) << job.error().to_string();
        if (!job) co_return;
        EXPECT_EQ(told(job->has_workspace_build() ? job->workspace_build().variable_values()
                                                  : job->template_dry_run().variable_values()),
                  wanted);
        co_await end_job(daemon, job->job_id());
    }
}

TEST(ProvisionerdServer, BuildsAndDryRunsAreToldWhichValuesWereGiven) {
    Fixture fixture;
    auto imported = fixture.add_template("base");
    add_variable(fixture, imported.version_id, "a", "'1', '', true, true");
    add_variable(fixture, imported.version_id, "b", "'2', '2', false, false");
    add_variable(fixture, imported.version_id, "c", "'3', '', true, NULL");
    fixture.add_workspace(imported, "w");
    auto run = fixture.add_workspace(imported, "x").job_id.to_string();
    fixture.sql(
        "UPDATE provisioner_jobs SET type = 'template_version_dry_run', created_at = created_at + "
        "interval '1 second', input = '{\"template_version_id\": \"" +
        imported.version_id.to_string() +
        "\", \"user_variable_values\": [{\"name\": \"b\", \"value\": \"run\"}, {\"name\": \"c\", "
        "\"value\": \"run\"}, {\"name\": \"undeclared\", \"value\": \"run\"}]}' WHERE id = '" +
        run + "'");
    testing::with_daemon(fixture, builds_script);
}

}  // namespace
}  // namespace berth::coderd
