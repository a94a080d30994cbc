#include "provisionerd/daemon.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "provisionerd/daemon_testing.h"
#include "provisionerd/job_updates.h"
#include "rpc/file_transfer.h"

namespace berth::provisionerd {
namespace {

using Request = pv::Request;
using testing::ElementsAre;

asio::awaitable<void> builds(Bench& b) {
    script_build(b);
    b.server.jobs.push_back(build_job());
    b.start();
    bool done = co_await b.until([&] { return b.server.ended(); });
    CO_REQUIRE(done && b.server.completed.size() == 1);
    const auto& result = b.server.completed[0].workspace_build();
    EXPECT_EQ(b.server.completed[0].job_id(), "job-1");
    EXPECT_EQ(result.state(), "new state");
    EXPECT_EQ(result.resources(0).name(), "vm");
    EXPECT_EQ(result.modules(0).key(), "child");
    CO_REQUIRE(result.timings_size() == 3);
    EXPECT_EQ(result.timings(2).stage(), "apply");
    CO_REQUIRE(b.server.quotas.size() == 1);
    EXPECT_EQ(b.server.quotas[0].daily_cost(), 4);

    CO_REQUIRE(b.provisioner.requests.size() == 5);
    EXPECT_EQ(b.provisioner.requests[0].config().provisioner_log_level(), "debug");
    EXPECT_EQ(b.provisioner.requests[1].init().template_source_archive(), "a tar");
    EXPECT_EQ(b.provisioner.requests[1].init().prepared_version_id(), "");
    EXPECT_TRUE(b.provisioner.requests[1].init().omit_module_files());
    const auto& plan = b.provisioner.requests[2].plan();
    EXPECT_EQ(plan.state(), "old state");
    EXPECT_EQ(plan.user_secrets(0).env_name(), "TOKEN");
    EXPECT_EQ(plan.rich_parameter_values(0).name(), "size");
    EXPECT_EQ(b.provisioner.requests[4].graph().source(), pv::SOURCE_STATE);
    EXPECT_THAT(b.server.stages(),
                ElementsAre("Setting up", "Initializing Terraform Directory", "Planning infrastructure",
                            "Commit quota", "Starting workspace", "Cleaning Up"));
    co_await b.finish();
}
TEST(Daemon, BuildsAWorkspace) { with_bench(builds); }

asio::awaitable<void> ends_while_the_last_update_is_slow(Bench& b) {
    script_build(b);
    b.server.held_stage = "Cleaning Up";
    b.server.jobs.push_back(build_job());
    b.start();
    bool held = co_await b.until(
        [&] { return !b.server.updates.empty() && b.server.holds(b.server.updates.back()); });
    CO_REQUIRE(held);
    // The time of the next update comes, and then the answer.
    auto later = b.clock.steady_now() + 2 * b.options.log_interval;
    bool passed = co_await b.until([&] { return b.clock.steady_now() >= later; });
    CO_REQUIRE(passed);
    b.server.held_stage.clear();
    b.server.changed.notify();
    bool done = co_await b.until([&] { return b.server.ended(); });
    CO_REQUIRE(done && b.server.completed.size() == 1);
    co_await b.finish();
}
TEST(Daemon, EndsWhileTheLastUpdateIsSlow) { with_bench(ends_while_the_last_update_is_slow); }

asio::awaitable<void> keeps_the_session(Bench& b) {
    script_build(b);
    b.server.refuse_completion = unavailable("the database is away");
    b.server.jobs.push_back(build_job());
    b.start();
    bool cleaning = co_await b.until(
        [&] { return !b.server.lines().empty() && b.server.stages().back() == "Cleaning Up"; });
    CO_REQUIRE(cleaning);
    auto later = b.clock.steady_now() + 5 * b.options.retry;
    bool passed = co_await b.until([&] { return b.clock.steady_now() >= later; });
    CO_REQUIRE(passed);
    EXPECT_EQ(b.provisioner.sessions_ended, 0) << "the only copy of the state went with its folder";
    b.server.refuse_completion.reset();
    bool done = co_await b.until([&] { return b.server.ended(); });
    CO_REQUIRE(done && b.server.completed.size() == 1);
    co_await b.finish();
    EXPECT_EQ(b.provisioner.sessions_ended, 1);
}
TEST(Daemon, TheSessionStaysUntilTheServerHasItsState) { with_bench(keeps_the_session); }

asio::awaitable<void> imports(Bench& b) {
    std::string modules(5'000'000, 'm');
    auto pieces = rpc::cut_file(modules);
    std::vector<pv::Response> init_answer(pieces.size() + 1);
    for (std::size_t i = 0; i < pieces.size(); i++) {
        if (i == 0) *init_answer[i].mutable_data_upload() = pieces[i].data_upload();
        if (i > 0) *init_answer[i].mutable_chunk_piece() = pieces[i].chunk_piece();
    }
    init_answer.back() = init_done();
    b.provisioner.answer(Request::kInit, init_answer);
    std::vector<pv::Response> parsed(1, parse_done());
    for (const char* name : {"given", "of_file"}) {
        auto* value = parsed[0].mutable_parse()->add_file_variable_values();
        value->set_name(name);
        value->set_value("file");
    }
    b.provisioner.answer(Request::kParse, parsed);
    for (const char* name : {"started", "stopped"}) {
        b.provisioner.answer(Request::kPlan, {plan_done()});
        b.provisioner.answer(Request::kGraph, {graph_done(name)});
    }
    b.server.variables["region"] = "eu";
    job::AcquiredJob acquired;
    acquired.set_job_id("job-2");
    acquired.set_provisioner("terraform");
    acquired.mutable_template_import()->mutable_metadata()->set_coder_url("http://x");
    auto* given = acquired.mutable_template_import()->add_user_variable_values();
    given->set_name("given");
    given->set_value("by people");
    b.server.jobs.push_back(acquired);
    b.start();
    bool done = co_await b.until([&] { return b.server.ended(); });
    CO_REQUIRE(done && b.server.completed.size() == 1);
    const auto& result = b.server.completed[0].template_import();
    EXPECT_EQ(result.start_resources(0).name(), "started");
    EXPECT_EQ(result.stop_resources(0).name(), "stopped");
    EXPECT_EQ(result.rich_parameters(0).name(), "size");
    EXPECT_EQ(result.external_auth_providers_names(0), "github");
    EXPECT_EQ(result.plan(), "the plan");
    EXPECT_TRUE(result.has_ai_tasks());
    EXPECT_EQ(result.start_modules(0).key(), "child");
    EXPECT_EQ(result.module_files_hash(), pieces[0].data_upload().data_hash());
    EXPECT_EQ(b.server.uploaded.size(), pieces.size());
    std::string received;
    for (const auto& piece : b.server.uploaded)
        received += piece.chunk_piece().data();
    EXPECT_TRUE(received == modules);

    auto plans = b.provisioner.of(Request::kPlan);
    CO_REQUIRE(plans.size() == 2);
    EXPECT_EQ(plans[0]->plan().metadata().workspace_transition(), pv::START);
    EXPECT_EQ(plans[1]->plan().metadata().workspace_transition(), pv::STOP);
    EXPECT_EQ(plans[1]->plan().variable_values(0).value(), "eu");
    EXPECT_FALSE(b.provisioner.of(Request::kInit)[0]->init().omit_module_files());
    bool told = false;
    for (const auto& update : b.server.updates) {
        if (update.readme() != "# hello") continue;
        told = update.template_variables_size() == 1 && update.workspace_tags().at("zone") == "a";
        CO_REQUIRE(update.user_variable_values_size() == 2);
        EXPECT_EQ(update.user_variable_values(0).value(), "by people");
        EXPECT_EQ(update.user_variable_values(1).name(), "of_file");
        EXPECT_EQ(update.user_variable_values(1).value(), "file");
    }
    EXPECT_TRUE(told);
    EXPECT_THAT(
        b.server.stages(),
        ElementsAre("Setting up", "Initializing Terraform Directory", "Parsing template parameters",
                    "Detecting persistent resources", "Detecting ephemeral resources", "Cleaning Up"));
    co_await b.finish();
}
TEST(Daemon, ImportsATemplateAndStoresItsModules) { with_bench(imports); }

asio::awaitable<void> dry_runs(Bench& b) {
    b.provisioner.answer(Request::kInit, {init_done()});
    b.provisioner.answer(Request::kPlan, {plan_done(9)});
    b.provisioner.answer(Request::kGraph, {graph_done("vm")});
    job::AcquiredJob acquired;
    acquired.set_job_id("job-3");
    acquired.set_provisioner("terraform");
    acquired.mutable_template_dry_run()->add_rich_parameter_values()->set_name("size");
    b.server.jobs.push_back(acquired);
    b.start();
    bool done = co_await b.until([&] { return b.server.ended(); });
    CO_REQUIRE(done && b.server.completed.size() == 1);
    EXPECT_EQ(b.server.completed[0].template_dry_run().resources(0).name(), "vm");
    EXPECT_TRUE(b.server.quotas.empty());
    EXPECT_TRUE(b.provisioner.of(Request::kApply).empty());
    co_await b.finish();
}
TEST(Daemon, DryRunsOnlyPlan) { with_bench(dry_runs); }

asio::awaitable<void> keeps_state(Bench& b) {
    b.provisioner.answer(Request::kInit, {init_done()});
    b.provisioner.answer(Request::kPlan, {plan_done()});
    b.provisioner.answer(Request::kApply, {apply_done("half a state", "disk full")});
    b.server.jobs.push_back(build_job());
    b.start();
    bool done = co_await b.until([&] { return b.server.ended(); });
    CO_REQUIRE(done && b.server.failed.size() == 1);
    EXPECT_EQ(b.server.failed[0].error(), "disk full");
    EXPECT_EQ(b.server.failed[0].workspace_build().state(), "half a state");
    EXPECT_EQ(b.server.failed[0].workspace_build().timings_size(), 3);
    co_await b.finish();
}
TEST(Daemon, AFailedApplyKeepsItsState) { with_bench(keeps_state); }

asio::awaitable<void> over_quota(Bench& b) {
    script_build(b);
    b.server.quota_ok = false;
    b.server.jobs.push_back(build_job());
    b.start();
    bool done = co_await b.until([&] { return b.server.ended(); });
    CO_REQUIRE(done && b.server.failed.size() == 1);
    EXPECT_EQ(b.server.failed[0].error(), "insufficient quota");
    EXPECT_EQ(b.server.failed[0].workspace_build().state(), "old state");
    EXPECT_TRUE(b.provisioner.of(Request::kApply).empty());
    co_await b.finish();
}
TEST(Daemon, ABuildAboveTheQuotaIsNotApplied) { with_bench(over_quota); }

struct BrokenProvisioner {
    const char* name;
    std::vector<pv::Response> answer_to_plan;
    const char* says;
};

asio::awaitable<void> broken_provisioners(Bench& b) {
    pv::Response early_chunk, nothing;
    early_chunk.mutable_chunk_piece()->set_data("x");
    const BrokenProvisioner cases[] = {
        {"an error", {plan_done(0, "no such type")}, "no such type"},
        {"the wrong answer", {apply_done("s")}, "nobody asked for"},
        {"a piece without a file", {early_chunk}, "before its file was announced"},
        {"an empty answer", {nothing}, "nobody asked for"},
    };
    b.start();
    for (const auto& c : cases) {
        b.provisioner.answers.clear();
        b.server.failed.clear();
        b.provisioner.answer(Request::kInit, {init_done()});
        b.provisioner.answer(Request::kPlan, c.answer_to_plan);
        b.server.jobs.push_back(build_job());
        b.server.changed.notify();
        bool done = co_await b.until([&] { return b.server.ended(); });
        CO_REQUIRE(done && b.server.failed.size() == 1);
        EXPECT_NE(b.server.failed[0].error().find(c.says), std::string::npos)
            << c.name << ": " << b.server.failed[0].error();
    }
    co_await b.finish();
}
TEST(Daemon, AProvisionerThatMisbehavesFailsTheJob) { with_bench(broken_provisioners); }

asio::awaitable<void> impossible_jobs(Bench& b) {
    job::AcquiredJob other = build_job(), kindless;
    other.set_provisioner("echo");
    kindless.set_job_id("job-4");
    kindless.set_provisioner("terraform");
    b.server.jobs = {other, kindless};
    b.start();
    bool done = co_await b.until([&] { return b.server.failed.size() == 2; });
    CO_REQUIRE(done);
    EXPECT_EQ(b.server.failed[0].error(), "this daemon has no provisioner 'echo'");
    EXPECT_EQ(b.server.failed[1].error(), "the job is of unknown kind");
    co_await b.finish();
}
TEST(Daemon, JobsItCannotRunFail) { with_bench(impossible_jobs); }

asio::awaitable<void> batches(Bench& b) {
    std::vector<pv::Response> talk;
    for (int i = 0; i < 1050; i++)
        talk.push_back(log_line("line " + std::to_string(i)));
    talk.push_back(plan_done());
    b.provisioner.answer(Request::kInit, {init_done()});
    b.provisioner.answer(Request::kPlan, talk);
    b.provisioner.answer(Request::kApply, {apply_done("s")});
    b.provisioner.answer(Request::kGraph, {graph_done("vm")});
    b.server.jobs.push_back(build_job());
    b.start();
    bool done = co_await b.until([&] { return b.server.ended(); });
    CO_REQUIRE(done && b.server.completed.size() == 1);
    int next = 0;
    for (const auto& line : b.server.lines()) {
        if (line.source() != job::PROVISIONER) continue;
        EXPECT_EQ(line.output(), "line " + std::to_string(next));
        EXPECT_EQ(line.stage(), "Planning infrastructure");
        next++;
    }
    EXPECT_EQ(next, 1050);
    for (const auto& update : b.server.updates)
        EXPECT_LE(update.logs_size(), 101);
    EXPECT_LE(b.server.updates.size(), 15u);
    co_await b.finish();
}
TEST(Daemon, LogLinesTravelInBatchesAndInOrder) { with_bench(batches); }

TEST(ValidUtf8, ReplacesWhatIsNotUtf8) {
    const std::pair<std::string, std::string> cases[] = {
        {"", ""},        {"plain", "plain"}, {"ü€😀", "ü€😀"},          {"\xff", "?"},
        {"a\xc3", "a?"}, {"\xc0\xaf", "??"}, {"\xed\xa0\x80", "???"}, {"\xf5\x80\x80\x80", "????"},
        {"\x80z", "?z"},
    };
    for (const auto& [in, out] : cases)
        EXPECT_EQ(valid_utf8(in), out);
}

}  // namespace
}  // namespace berth::provisionerd
