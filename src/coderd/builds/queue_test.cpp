#include "coderd/builds/queue.h"

#include <gtest/gtest.h>

#include "coderd/coderd_testing.h"

namespace berth::coderd {
namespace {

using db::testing::quoted;
using testing::Api;
using testing::Fixture;
using testing::Person;

/// Cannot evaluate anything.
class FailingEvaluator final : public ParameterEvaluator {
public:
    explicit FailingEvaluator(ErrorCode code) : code_(code) {}
    asio::awaitable<Result<Evaluation>> evaluate(EvaluationRequest request) override {
        requests.push_back(std::move(request));
        co_return Error(code_, "no answer");
    }

    std::vector<EvaluationRequest> requests;

private:
    ErrorCode code_;
};

class BuildQueueTest : public ::testing::Test {
protected:
    BuildQueueTest() {
        api.sql(
            "INSERT INTO template_version_parameters (template_version_id, name, type, default_value, "
            "mutable, "
            "required, options) VALUES (" +
            quoted(made.version_id) + R"(, 'zone', 'string', 'eu-1', true, false, '[{"value": "eu-1"}]'))");
    }
    testing::Answer build(const std::string& transition, const std::string& zone) {
        auto values = zone.empty() ? "[]" : R"([{"name": "zone", "value": ")" + zone + R"("}])";
        return api.post(
            "/api/v2/workspaces/" + dev.workspace_id.to_string() + "/builds", mary.token,
            R"({"transition": ")" + transition + R"(", "rich_parameter_values": )" + values + "}");
    }
    testing::Answer create(const std::string& zone) {
        return api.post("/api/v2/users/me/workspaces", mary.token,
                        R"({"name": "second", "template_id": ")" + made.template_id.to_string() +
                            R"(", "rich_parameter_values": [{"name": "zone", "value": ")" + zone + R"("}]})");
    }

    Api api;
    Person mary = api.add_user("mary");
    Fixture::Imported made = api.add_shared_template("docker");
    Fixture::Build dev = api.add_running_workspace(made, mary.id, "dev");
};

TEST_F(BuildQueueTest, AStartWithoutATurnIsToBeTriedAgain) {
    FailingEvaluator busy(ErrorCode::resource_exhausted);
    api.context.evaluator = &busy;
    // By the import, the first would be taken and the second refused; neither is known.
    for (const char* zone : {"eu-1", "us-1"}) {
        for (const auto& answer : {create(zone), build("start", zone)}) {
            EXPECT_EQ(answer.status, 503u) << answer.text;
            EXPECT_EQ(answer.headers.get("Retry-After"), "5");
            EXPECT_EQ(answer.message(), "The template's parameters cannot be evaluated right now.");
        }
    }
    ASSERT_EQ(busy.requests.size(), 4u);
    for (const auto& request : busy.requests) {
        EXPECT_TRUE(request.patient);
        EXPECT_EQ(request.user_id, mary.id.to_string());
    }
    EXPECT_EQ(build("stop", "").status, 201u) << "a stop asks nobody";
    EXPECT_EQ(busy.requests.size(), 4u);
}

TEST_F(BuildQueueTest, ADeleteAsksNobody) {
    FailingEvaluator busy(ErrorCode::resource_exhausted);
    api.context.evaluator = &busy;
    EXPECT_EQ(build("delete", "").status, 201u);
    EXPECT_TRUE(busy.requests.empty());
}

TEST_F(BuildQueueTest, WhereTerraformFailsTheImportDecides) {
    for (auto code : {ErrorCode::internal, ErrorCode::deadline_exceeded}) {
        FailingEvaluator broken(code);
        api.context.evaluator = &broken;
        EXPECT_EQ(create("us-1").bad_fields(), "zone");
        auto started = build("start", "eu-1");
        EXPECT_EQ(started.status, 201u) << started.text;
        api.finish_job(*Uuid::parse(std::string(started.json.at("job").at("id").as_string())));
    }
}

}  // namespace
}  // namespace berth::coderd
