#include "coderd/parameters/routes.h"

#include <gtest/gtest.h>

#include "coderd/coderd_testing.h"
#include "coderd/parameters/evaluate.h"

namespace berth::coderd {
namespace {

using db::testing::quoted;
using testing::Api;
using testing::Person;

/// Answers as a template would whose zones depend on the region.
class ScriptedEvaluator final : public ParameterEvaluator {
public:
    asio::awaitable<Result<Evaluation>> evaluate(EvaluationRequest request) override {
        questions.push_back(request.question);
        asked_by.push_back(request.user_id);
        if (!prepared) {
            auto files = co_await request.load();
            if (!files) co_return files.error();
            archive_size = files->archive.size();
            prepared = true;
        }
        if (failure) co_return *failure;
        Evaluation evaluation;
        for (const char* name : {"region", "zone"}) {
            auto& parameter = evaluation.parameters.emplace_back();
            parameter.definition.set_name(name);
            parameter.definition.set_type("string");
            parameter.definition.set_required(true);
            parameter.styling = R"({"placeholder": "choose", "newer": 1})";
            for (const auto& answer : request.question.rich_parameter_values())
                if (answer.name() == name) parameter.value = answer.value();
        }
        evaluation.problems.push_back({false, "a warning", "of the template", ""});
        co_return evaluation;
    }

    bool prepared = false;
    std::vector<provisioner::PlanRequest> questions;
    std::vector<std::string> asked_by;
    std::size_t archive_size = 0;
    std::optional<Error> failure;
};

class DynamicParametersTest : public ::testing::Test {
protected:
    Api api;
    Person mary = api.add_user("mary");
    testing::Fixture::Imported imported = api.add_shared_template("t");
    std::string target =
        "/api/v2/templateversions/" + imported.version_id.to_string() + "/dynamic-parameters";

    testing::Answer evaluate(const std::string& body, const std::string& token) {
        return api.post(target + "/evaluate", token, body);
    }
    void add_parameter(const std::string& name, const std::string& columns, const std::string& values) {
        api.sql("INSERT INTO template_version_parameters (template_version_id, name, " + columns +
                ") VALUES (" + quoted(imported.version_id) + ", '" + name + "', " + values + ")");
    }
};

TEST_F(DynamicParametersTest, WithoutTerraformTheImportAnswers) {
    add_parameter("size", "type, default_value, required, validation_min, display_order",
                  "'number', '2', false, 1, 1");
    add_parameter("name", "type, default_value, required, display_order", "'string', '', true, 2");
    auto form = evaluate(R"({"id": 4, "inputs": {"size": "0"}})", mary.token);
    ASSERT_EQ(form.status, 200u) << form.text;
    EXPECT_EQ(form.json.at("id").as_int64(), 4);
    const auto& parameters = form.json.at("parameters").as_array();
    ASSERT_EQ(parameters.size(), 2u);
    EXPECT_EQ(parameters[0].at("name").as_string(), "size");
    EXPECT_EQ(parameters[0].at("value").at("value").as_string(), "0");
    EXPECT_EQ(parameters[0].at("diagnostics").at(0).at("detail").as_string(), "must be at least 1");
    EXPECT_EQ(parameters[0].at("validations").at(0).at("validation_min").as_int64(), 1);
    EXPECT_FALSE(parameters[1].at("value").at("valid").as_bool());
    EXPECT_EQ(parameters[1].at("diagnostics").at(0).at("extra").at("code").as_string(), "required");
}

TEST_F(DynamicParametersTest, TheEvaluatorGetsTheTemplateAndTheOwner) {
    ScriptedEvaluator evaluator;
    api.context.evaluator = &evaluator;
    auto form = evaluate(R"({"id": 1, "inputs": {"region": "eu"}})", mary.token);
    ASSERT_EQ(form.status, 200u) << form.text;
    EXPECT_EQ(form.json.at("parameters").as_array().size(), 2u);
    EXPECT_EQ(form.json.at("parameters").at(0).at("value").at("value").as_string(), "eu");
    EXPECT_EQ(form.json.at("parameters").at(0).at("styling").at("placeholder").as_string(), "choose");
    EXPECT_EQ(form.json.at("parameters").at(1).at("diagnostics").at(0).at("extra").at("code").as_string(),
              "required");
    EXPECT_EQ(form.json.at("diagnostics").at(0).at("severity").as_string(), "warning");
    EXPECT_GT(evaluator.archive_size, 0u);
    const auto& metadata = evaluator.questions.back().metadata();
    EXPECT_EQ(metadata.workspace_owner(), "mary");
    EXPECT_TRUE(metadata.workspace_owner_ssh_private_key().empty());
    EXPECT_TRUE(metadata.workspace_owner_session_token().empty());

    ASSERT_EQ(evaluate("{}", mary.token).status, 200u);
    EXPECT_EQ(evaluator.asked_by.back(), mary.id.to_string());
    evaluator.failure = internal_error("terraform is ill");
    auto broken = evaluate("{}", mary.token);
    EXPECT_EQ(broken.status, 200u);
    EXPECT_EQ(broken.json.at("diagnostics").at(0).at("detail").as_string(), "terraform is ill");
}

TEST_F(DynamicParametersTest, WhoMaySeeTheVersionAndTheOwner) {
    auto paul = api.add_user("paul");
    api.sql("DELETE FROM organization_members WHERE user_id = " + quoted(paul.id));
    EXPECT_EQ(evaluate("{}", "").status, 401u);
    EXPECT_EQ(evaluate("{}", paul.token).status, 404u);
    EXPECT_EQ(api.get(target, paul.token).status, 404u)
        << "the version is of an organization that is not his";
    EXPECT_EQ(evaluate("{}", mary.token).status, 200u);
    auto for_paul = R"({"owner_id": ")" + paul.id.to_string() + R"("})";
    EXPECT_EQ(evaluate(for_paul, mary.token).bad_fields(), "owner_id");
    EXPECT_EQ(evaluate(for_paul, api.owner.token).status, 200u);
    EXPECT_EQ(api.get(target, mary.token).status, 400u) << "a plain GET has no form";
    EXPECT_EQ(api.get(target + "?user_id=nobody", mary.token).bad_fields(), "user_id");
    EXPECT_EQ(api.get(target + "?user_id=" + paul.id.to_string(), mary.token).bad_fields(), "owner_id");
    api.sql("UPDATE provisioner_jobs SET completed_at = NULL WHERE id = " + quoted(imported.job_id));
    EXPECT_EQ(evaluate("{}", mary.token).status, 400u) << "nothing is known before the import is over";
}

TEST_F(DynamicParametersTest, WhatCannotBeAnsweredSaysWhy) {
    ScriptedEvaluator evaluator;
    api.context.evaluator = &evaluator;
    std::string many = R"({"inputs": {)";
    for (std::size_t i = 0; i <= max_parameter_values; ++i)
        many += (i == 0 ? "\"" : ", \"") + std::to_string(i) + "\": \"x\"";
    auto refused = evaluate(many + "}}", mary.token);
    EXPECT_EQ(refused.status, 200u);
    EXPECT_EQ(refused.json.at("diagnostics").at(0).at("detail").as_string(),
              "There are more than 1000 parameter values.");
    EXPECT_TRUE(evaluator.questions.empty());

    struct Row {
        std::string sql;
        unsigned status;
        std::string message;
    };
    for (const Row& row : std::vector<Row>{
             {"UPDATE template_versions SET archived = true", 200, ""},
             {"UPDATE provisioner_jobs SET error = 'main.tf:1: no'", 400,
              "The import of the template version did not succeed."},
             {"UPDATE provisioner_jobs SET error = NULL, canceled_at = now()", 400,
              "The import of the template version did not succeed."},
         }) {
        api.sql(row.sql);
        auto answer = evaluate("{}", mary.token);
        EXPECT_EQ(answer.status, row.status) << row.sql;
        EXPECT_EQ(answer.message(), row.message) << row.sql;
        EXPECT_EQ(api.get(target, mary.token).status, 400u) << row.sql;
    }
}

TEST(OpenFormsTest, EachPersonHasTheirOwnLimit) {
    OpenForms forms(2);
    auto mary = Uuid::random();
    auto first = forms.enter(mary);
    auto second = forms.enter(mary);
    EXPECT_TRUE(first && second);
    EXPECT_FALSE(forms.enter(mary));
    EXPECT_TRUE(forms.enter(Uuid::random()));
    first.reset();
    EXPECT_TRUE(forms.enter(mary));
}

class PreviousParametersTest : public DynamicParametersTest {
protected:
    testing::Fixture::Build dev = api.add_running_workspace(imported, mary.id, "dev");
    std::string values =
        "/api/v2/users/mary/autofill-parameters?template_id=" + imported.template_id.to_string();

    void add_values(const Uuid& build, const std::string& name, const std::string& value) {
        api.sql("INSERT INTO workspace_build_parameters (workspace_build_id, name, value) VALUES (" +
                quoted(build) + ", '" + name + "', '" + value + "')");
    }
};

TEST_F(PreviousParametersTest, TheLatestChoiceOfEachIsGiven) {
    add_parameter("size", "type, required", "'number', true");
    add_parameter("once", "type, required, ephemeral", "'string', true, true");
    add_values(dev.build_id, "size", "1");
    add_values(dev.build_id, "region", "eu");
    add_values(dev.build_id, "once", "x");
    auto newer = api.add_running_workspace(imported, mary.id, "newer");
    api.sql("UPDATE workspace_builds SET created_at = created_at + interval '1 hour' WHERE id = " +
            quoted(newer.build_id));
    add_values(newer.build_id, "size", "2");
    auto stopped = api.add_running_workspace(imported, mary.id, "stopped");
    api.sql("UPDATE workspace_builds SET transition = 'stop' WHERE id = " + quoted(stopped.build_id));
    add_values(stopped.build_id, "size", "3");
    auto of_ada = api.add_running_workspace(imported, api.owner.id, "ada");
    add_values(of_ada.build_id, "size", "4");
    auto elsewhere = api.add_running_workspace(api.add_shared_template("other"), mary.id, "other");
    add_values(elsewhere.build_id, "size", "5");
    auto answer = api.get(values, mary.token);
    EXPECT_EQ(answer.text, R"([{"name":"size","value":"2"},{"name":"region","value":"eu"}])");
}

TEST_F(PreviousParametersTest, WhoMaySeeThemAndWhatIsRefused) {
    auto paul = api.add_user("paul");
    auto theo = api.add_user("theo", "{template-admin}");
    testing::check_policies(
        api, {api.owner, mary, paul, theo},
        {{"GET", values, "", {{"-", 401}, {"mary", 200}, {"paul", 404}, {"ada", 200}, {"theo", 403}}}});
    for (const char* query : {"", "?template_id=", "?template_id=docker"})
        EXPECT_EQ(
            api.get(std::string("/api/v2/users/me/autofill-parameters") + query, mary.token).bad_fields(),
            "template_id")
            << query;
    auto nothing =
        api.get("/api/v2/users/me/autofill-parameters?template_id=" + Uuid::random().to_string(), mary.token);
    EXPECT_EQ(nothing.text, "[]");
}

TEST(ParameterRowTest, SurvivesTheWayThereAndBack) {
    provisioner::RichParameter parameter;
    parameter.set_name("size");
    parameter.set_type("number");
    parameter.set_form_type(provisioner::SLIDER);
    parameter.set_validation_min(0);
    parameter.set_validation_error("no");
    parameter.set_mutable_(true);
    parameter.set_order(3);
    auto* option = parameter.add_options();
    option->set_name("\"a\"");
    option->set_value("1");
    EXPECT_EQ(parameter_message(parameter_row(parameter)).SerializeAsString(), parameter.SerializeAsString());
    EXPECT_FALSE(parameter_row(parameter).validation_max.has_value());
}

}  // namespace
}  // namespace berth::coderd
