#include "provisionerd/daemon.h"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/crypto.h"
#include "provisionerd/daemon_testing.h"
#include "provisionerd/job_updates.h"
#include "provisionerd/session.h"

namespace berth::provisionerd {
namespace {

using Request = pv::Request;
using testing::ElementsAre;

#define CO_REQUIRE(condition)                   \
    if (!(condition)) {                         \
        ADD_FAILURE() << "failed: " #condition; \
        co_return;                              \
    }

pv::Response init_done(std::string error = {}) {
    pv::Response response;
    response.mutable_init()->set_error(std::move(error));
    response.mutable_init()->add_timings()->set_stage("init");
    response.mutable_init()->add_modules()->set_key("child");
    return response;
}
pv::Response parse_done() {
    pv::Response response;
    response.mutable_parse()->add_template_variables()->set_name("region");
    response.mutable_parse()->set_readme("# hello");
    (*response.mutable_parse()->mutable_workspace_tags())["zone"] = "a";
    return response;
}
pv::Response plan_done(std::int32_t cost = 0, std::string error = {}) {
    pv::Response response;
    response.mutable_plan()->set_plan("the plan");
    response.mutable_plan()->set_dailycost(cost);
    response.mutable_plan()->set_error(std::move(error));
    response.mutable_plan()->add_timings()->set_stage("plan");
    return response;
}
pv::Response apply_done(std::string state, std::string error = {}) {
    pv::Response response;
    response.mutable_apply()->set_state(std::move(state));
    response.mutable_apply()->set_error(std::move(error));
    response.mutable_apply()->add_timings()->set_stage("apply");
    return response;
}
pv::Response graph_done(std::string resource) {
    pv::Response response;
    response.mutable_graph()->add_resources()->set_name(std::move(resource));
    response.mutable_graph()->add_parameters()->set_name("size");
    response.mutable_graph()->add_external_auth_providers()->set_id("github");
    response.mutable_graph()->set_has_ai_tasks(true);
    return response;
}

job::AcquiredJob build_job() {
    job::AcquiredJob acquired;
    acquired.set_job_id("job-1");
    acquired.set_provisioner("terraform");
    acquired.set_template_source_archive("a tar");
    auto* build = acquired.mutable_workspace_build();
    build->set_state("old state");
    build->set_log_level("debug");
    build->mutable_metadata()->set_workspace_name("dev");
    build->add_rich_parameter_values()->set_name("size");
    build->add_user_secrets()->set_env_name("TOKEN");
    return acquired;
}

void script_build(Bench& b) {
    b.provisioner.answer(Request::kInit, {init_done()});
    b.provisioner.answer(Request::kPlan, {log_line("planning"), plan_done(4)});
    b.provisioner.answer(Request::kApply, {log_line("applying"), apply_done("new state")});
    b.provisioner.answer(Request::kGraph, {graph_done("vm")});
}

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

asio::awaitable<void> uses_modules(Bench& b) {
    script_build(b);
    b.server.stored_file = rpc::cut_file(std::string(3'000'000, 'x'));
    auto acquired = build_job();
    acquired.mutable_workspace_build()->mutable_metadata()->set_template_version_modules_file("file-9");
    b.server.jobs.push_back(acquired);
    b.start();
    bool done = co_await b.until([&] { return b.server.ended(); });
    CO_REQUIRE(done && b.server.completed.size() == 1);
    EXPECT_THAT(b.server.downloads, ElementsAre("file-9"));
    EXPECT_EQ(b.provisioner.of(Request::kInit)[0]->init().initial_module_tar_hash(),
              b.server.stored_file[0].data_upload().data_hash());
    EXPECT_EQ(b.provisioner.of(Request::kFile).size(), 3u);
    co_await b.finish();
}
TEST(Daemon, HandsStoredModulesToTheProvisioner) { with_bench(uses_modules); }

job::AcquiredJob build_of_a_cached_version() {
    auto acquired = build_job();
    auto* build = acquired.mutable_workspace_build();
    build->set_use_terraform_workspace_cache(true);
    build->mutable_metadata()->set_template_version_id("version-3");
    build->mutable_metadata()->set_template_version_modules_file("file-9");
    return acquired;
}

asio::awaitable<void> starts_from_a_prepared_folder(Bench& b) {
    script_build(b);
    b.server.jobs.push_back(build_of_a_cached_version());
    b.start();
    bool done = co_await b.until([&] { return b.server.ended(); });
    CO_REQUIRE(done && b.server.completed.size() == 1);
    auto inits = b.provisioner.of(Request::kInit);
    CO_REQUIRE(inits.size() == 1);
    EXPECT_EQ(inits[0]->init().prepared_version_id(), "version-3");
    EXPECT_EQ(inits[0]->init().template_source_archive(), "");
    EXPECT_TRUE(b.server.downloads.empty());
    EXPECT_EQ(b.server.completed[0].workspace_build().modules(0).key(), "child");
    EXPECT_EQ(b.server.completed[0].workspace_build().timings_size(), 3);
    co_await b.finish();
}
TEST(Daemon, StartsFromAFolderThatIsPrepared) { with_bench(starts_from_a_prepared_folder); }

asio::awaitable<void> initializes_what_is_not_prepared(Bench& b) {
    pv::Response missing;
    missing.mutable_init()->set_not_prepared(true);
    b.provisioner.answer(Request::kInit, {missing});
    script_build(b);
    b.server.stored_file = rpc::cut_file("modules");
    b.server.jobs.push_back(build_of_a_cached_version());
    b.start();
    bool done = co_await b.until([&] { return b.server.ended(); });
    CO_REQUIRE(done && b.server.completed.size() == 1);
    auto inits = b.provisioner.of(Request::kInit);
    CO_REQUIRE(inits.size() == 2);
    EXPECT_EQ(inits[1]->init().prepared_version_id(), "version-3");
    EXPECT_EQ(inits[1]->init().template_source_archive(), "a tar");
    EXPECT_THAT(b.server.downloads, ElementsAre("file-9"));
    EXPECT_EQ(b.server.completed[0].workspace_build().timings_size(), 3);
    co_await b.finish();
}
TEST(Daemon, InitializesWhatIsNotPrepared) { with_bench(initializes_what_is_not_prepared); }

job::AcquiredJob build_with_damaged_modules(Bench& b, pv::WorkspaceTransition transition) {
    b.server.stored_file = rpc::cut_file(std::string(3'000'000, 'x'));
    b.server.stored_file[1].mutable_chunk_piece()->set_piece_index(7);
    auto acquired = build_job();
    auto* metadata = acquired.mutable_workspace_build()->mutable_metadata();
    metadata->set_template_version_modules_file("file-9");
    metadata->set_workspace_transition(transition);
    return acquired;
}

// Modules fetched anew may be others than those of the import.
asio::awaitable<void> damaged_modules_at_start(Bench& b) {
    b.server.jobs.push_back(build_with_damaged_modules(b, pv::START));
    b.start();
    bool done = co_await b.until([&] { return b.server.ended(); });
    CO_REQUIRE(done && b.server.failed.size() == 1);
    EXPECT_NE(b.server.failed[0].error().find("stored modules"), std::string::npos);
    EXPECT_EQ(b.server.failed[0].workspace_build().state(), "old state");
    EXPECT_TRUE(b.provisioner.of(Request::kInit).empty());
    co_await b.finish();
}
TEST(Daemon, AStartNeedsTheModulesOfTheImport) { with_bench(damaged_modules_at_start); }

asio::awaitable<void> damaged_modules_at_stop(Bench& b) {
    script_build(b);
    b.server.jobs.push_back(build_with_damaged_modules(b, pv::STOP));
    b.start();
    bool done = co_await b.until([&] { return b.server.ended(); });
    CO_REQUIRE(done && b.server.completed.size() == 1);
    EXPECT_EQ(b.provisioner.of(Request::kInit)[0]->init().initial_module_tar_hash(), "");
    co_await b.finish();
}
TEST(Daemon, AStopGoesOnWithoutModulesThatDoNotAddUp) { with_bench(damaged_modules_at_stop); }

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

asio::awaitable<void> cancels(Bench& b) {
    b.provisioner.answer(Request::kInit, {init_done()});
    b.provisioner.answer(Request::kPlan, {plan_done()});
    b.provisioner.answer(Request::kCancel, {log_line("stopping"), apply_done("what is left", "interrupted")});
    b.server.jobs.push_back(build_job());
    b.start();
    bool applying = co_await b.until([&] { return !b.provisioner.of(Request::kApply).empty(); });
    CO_REQUIRE(applying);
    auto before = b.clock.steady_now();
    b.server.cancel_job = true;
    bool done = co_await b.until([&] { return b.server.ended(); });
    CO_REQUIRE(done && b.server.failed.size() == 1);
    EXPECT_LE(b.clock.steady_now() - before, std::chrono::seconds(6));
    EXPECT_EQ(b.server.failed[0].error(), "");
    EXPECT_EQ(b.server.failed[0].workspace_build().state(), "what is left");
    EXPECT_EQ(b.provisioner.of(Request::kCancel).size(), 1u);
    co_await b.finish();
}
TEST(Daemon, AHeartbeatLearnsOfACancellation) { with_bench(cancels); }

asio::awaitable<void> kills(Bench& b) {
    b.provisioner.answer(Request::kInit, {init_done()});
    b.provisioner.answer(Request::kPlan, {plan_done()});
    b.options.force_cancel_interval = std::chrono::minutes(2);
    b.server.jobs.push_back(build_job());
    b.server.cancel_job = true;
    b.provisioner.answers.erase(Request::kInit);
    b.start();
    bool asked = co_await b.until([&] { return !b.provisioner.of(Request::kCancel).empty(); });
    CO_REQUIRE(asked);
    EXPECT_FALSE(b.server.ended());
    auto before = b.clock.steady_now();
    bool done = co_await b.until([&] { return b.server.ended(); });
    CO_REQUIRE(done && b.server.failed.size() == 1);
    EXPECT_GE(b.clock.steady_now() - before, std::chrono::seconds(115));
    EXPECT_EQ(b.server.failed[0].workspace_build().state(), "old state");
    EXPECT_EQ(b.provisioner.sessions_ended, 1);
    co_await b.finish();
}
TEST(Daemon, AProvisionerThatIgnoresTheCancellationIsKilled) { with_bench(kills); }

asio::awaitable<void> survives(Bench& b) {
    b.provisioner.answer(Request::kInit, {init_done()});
    b.provisioner.answer(Request::kPlan, {plan_done()});
    b.provisioner.answer(Request::kApply, {log_line("working")});
    b.provisioner.answer(Request::kGraph, {graph_done("vm")});
    // The cancel request serves as the signal to go on: it comes only after the reconnect below.
    b.provisioner.answer(Request::kCancel, {apply_done("new state")});
    b.server.jobs.push_back(build_job());
    b.start();
    bool applying = co_await b.until([&] { return !b.provisioner.of(Request::kApply).empty(); });
    CO_REQUIRE(applying);
    b.refuse_connections = true;
    b.drop_connection();
    auto gone = b.clock.steady_now();
    co_await b.until([&] { return b.clock.steady_now() - gone > std::chrono::seconds(60); });
    EXPECT_FALSE(b.daemon->connected());
    EXPECT_EQ(b.daemon->job_id(), "job-1");
    b.refuse_connections = false;
    b.server.cancel_job = true;
    bool done = co_await b.until([&] { return b.server.ended(); });
    CO_REQUIRE(done && b.server.completed.size() == 1);
    EXPECT_EQ(b.server.completed[0].workspace_build().state(), "new state");
    EXPECT_EQ(b.connections, 2);
    co_await b.finish();
}
TEST(Daemon, AJobSurvivesALostConnection) { with_bench(survives); }

asio::awaitable<void> gives_up(Bench& b) {
    b.provisioner.answer(Request::kInit, {init_done()});
    b.provisioner.answer(Request::kPlan, {plan_done()});
    b.server.jobs.push_back(build_job());
    b.start();
    bool applying = co_await b.until([&] { return !b.provisioner.of(Request::kApply).empty(); });
    CO_REQUIRE(applying);
    b.refuse_connections = true;
    b.drop_connection();
    auto gone = b.clock.steady_now();
    bool dropped = co_await b.until([&] { return !b.daemon->job_id().has_value(); });
    CO_REQUIRE(dropped);
    EXPECT_GE(b.clock.steady_now() - gone, std::chrono::minutes(3));
    // This provisioner does not listen to the cancellation that comes first.
    EXPECT_LE(b.clock.steady_now() - gone, std::chrono::minutes(6));
    EXPECT_EQ(b.provisioner.sessions_ended, 1);
    EXPECT_FALSE(b.server.ended());
    b.refuse_connections = false;
    script_build(b);
    b.server.jobs.push_back(build_job());
    bool done = co_await b.until([&] { return b.server.ended(); });
    CO_REQUIRE(done);
    EXPECT_EQ(b.server.completed.size(), 1u);
    co_await b.finish();
}
TEST(Daemon, AJobIsGivenUpThreeMinutesAfterTheServerWasLost) { with_bench(gives_up); }

/// Where undelivered jobs wait; removed at the end.
struct KeptFolder {
    KeptFolder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "berth-kept-XXXXXX").string();
        path = ::mkdtemp(pattern.data());
    }
    ~KeptFolder() { std::filesystem::remove_all(path); }
    [[nodiscard]] std::size_t files() const {
        std::size_t count = 0;
        for (const auto& entry : std::filesystem::directory_iterator(path))
            count += entry.is_regular_file() ? 1 : 0;
        return count;
    }
    std::filesystem::path path;
};

constexpr const char* some_job = "7d1cbf0c-21a8-4d3c-8e9e-0a2f3f6f8b11";

asio::awaitable<void> keeps_the_state(Bench& b) {
    KeptFolder folder;
    b.options.undelivered = folder.path;
    b.provisioner.answer(Request::kInit, {init_done()});
    b.provisioner.answer(Request::kPlan, {plan_done()});
    b.provisioner.answer(Request::kCancel, {apply_done("half a state", "cancelled")});
    auto acquired = build_job();
    acquired.set_job_id(some_job);
    b.server.jobs.push_back(acquired);
    b.start();
    bool applying = co_await b.until([&] { return !b.provisioner.of(Request::kApply).empty(); });
    CO_REQUIRE(applying);
    b.refuse_connections = true;
    b.drop_connection();
    bool dropped = co_await b.until([&] { return !b.daemon->job_id().has_value(); });
    CO_REQUIRE(dropped);
    EXPECT_FALSE(b.server.ended());
    EXPECT_EQ(folder.files(), 1u);
    b.refuse_connections = false;
    bool told = co_await b.until([&] { return b.server.ended(); });
    CO_REQUIRE(told && b.server.failed.size() == 1);
    EXPECT_EQ(b.server.failed[0].job_id(), some_job);
    EXPECT_EQ(b.server.failed[0].workspace_build().state(), "half a state");
    bool gone = co_await b.until([&] { return folder.files() == 0; });
    EXPECT_TRUE(gone);
    co_await b.finish();
}
TEST(Daemon, TheStateOfAJobWhoseServerWasLostIsDeliveredLater) { with_bench(keeps_the_state); }

asio::awaitable<std::vector<job::FailedJob>> one_leftover() {
    std::vector<job::FailedJob> jobs(1);
    jobs[0].set_job_id(some_job);
    jobs[0].mutable_workspace_build()->set_state("left behind");
    co_return jobs;
}

asio::awaitable<void> delivers_leftovers(Bench& b) {
    KeptFolder folder;
    b.options.undelivered = folder.path;
    int safe = 0;
    b.options.leftovers = one_leftover;
    b.options.leftovers_kept = [&safe] { ++safe; };
    b.refuse_connections = true;
    b.start();
    bool kept = co_await b.until([&] { return safe == 1; });
    CO_REQUIRE(kept);
    EXPECT_EQ(folder.files(), 1u) << "before the server is there, the state is safe on disk";
    b.refuse_connections = false;
    bool told = co_await b.until([&] { return b.server.ended(); });
    CO_REQUIRE(told && b.server.failed.size() == 1);
    EXPECT_EQ(b.server.failed[0].workspace_build().state(), "left behind");
    co_await b.finish();
}
TEST(Daemon, WhatAKilledDaemonLeftBehindIsDelivered) { with_bench(delivers_leftovers); }

asio::awaitable<void> keeps_refused_states(Bench& b) {
    KeptFolder folder;
    b.options.undelivered = folder.path;
    b.options.leftovers = one_leftover;
    b.options.leftovers_kept = [] {};
    b.server.refuse_failure = Error(ErrorCode::failed_precondition, "another build began since");
    b.start();
    auto state = folder.path / (std::string(some_job) + ".tfstate");
    bool written = co_await b.until([&] { return std::filesystem::exists(state) && folder.files() == 1; });
    EXPECT_TRUE(written);
    co_await b.finish();
}
TEST(Daemon, AStateTheServerRefusesStaysAsAFile) { with_bench(keeps_refused_states); }

asio::awaitable<void> large_states(Bench& b) {
    const std::string state(drpc::max_message + 1000, 's');
    b.provisioner.answer(Request::kInit, {init_done()});
    b.provisioner.answer(Request::kPlan, {plan_done()});
    b.provisioner.answer(Request::kApply, {apply_done("half a state", "disk full")});
    auto acquired = build_job();
    acquired.mutable_workspace_build()->set_state(state);
    b.server.jobs.push_back(acquired);
    b.start();
    bool done = co_await b.until([&] { return b.server.ended(); });
    CO_REQUIRE(done);
    EXPECT_TRUE(b.provisioner.of(Request::kPlan)[0]->plan().state() == state);
    co_await b.finish();
}
TEST(Daemon, AStateMayBeLarge) { with_bench(large_states); }

asio::awaitable<void> too_large_states(Bench& b) {
    KeptFolder folder;
    b.options.undelivered = folder.path;
    b.server.largest_state = 5;
    b.provisioner.answer(Request::kInit, {init_done()});
    b.provisioner.answer(Request::kPlan, {plan_done()});
    b.provisioner.answer(Request::kApply, {apply_done("half a state", "disk full")});
    auto acquired = build_job();
    acquired.set_job_id(some_job);
    b.server.jobs.push_back(acquired);
    b.start();
    bool done = co_await b.until([&] { return b.server.ended(); });
    CO_REQUIRE(done && b.server.failed.size() == 1);
    EXPECT_EQ(b.server.failed[0].error().find("disk full"), 0u) << b.server.failed[0].error();
    EXPECT_EQ(b.server.failed[0].workspace_build().state(), "");
    EXPECT_TRUE(std::filesystem::exists(folder.path / (std::string(some_job) + ".tfstate")));
    co_await b.finish();
}
TEST(Daemon, AJobEndsWhenItsStateIsTooLargeForTheServerAndTheStateStaysAsAFile) {
    with_bench(too_large_states);
}

asio::awaitable<void> reaped(Bench& b) {
    b.provisioner.answer(Request::kInit, {init_done()});
    b.server.jobs.push_back(build_job());
    b.start();
    bool planning = co_await b.until([&] { return !b.provisioner.of(Request::kPlan).empty(); });
    CO_REQUIRE(planning);
    b.server.refuse_updates = Error(ErrorCode::failed_precondition, "the job has ended");
    bool dropped = co_await b.until([&] { return !b.daemon->job_id().has_value(); });
    CO_REQUIRE(dropped);
    EXPECT_EQ(b.provisioner.sessions_ended, 1);
    co_await b.finish();
}
TEST(Daemon, AJobTheServerHasEndedIsDropped) { with_bench(reaped); }

asio::awaitable<void> refused(Bench& b) {
    script_build(b);
    b.server.refuse_completion = Error(ErrorCode::invalid_argument, "two apps with one slug");
    b.server.jobs.push_back(build_job());
    b.start();
    bool done = co_await b.until([&] { return b.server.ended(); });
    CO_REQUIRE(done && b.server.failed.size() == 1);
    EXPECT_NE(b.server.failed[0].error().find("two apps with one slug"), std::string::npos);
    EXPECT_EQ(b.server.failed[0].workspace_build().state(), "new state");
    co_await b.finish();
}
TEST(Daemon, AResultTheServerRefusesIsAFailureThatKeepsItsState) { with_bench(refused); }

asio::awaitable<void> waits_for_job(Bench& b) {
    b.provisioner.answer(Request::kInit, {init_done()});
    b.provisioner.answer(Request::kPlan, {plan_done()});
    b.server.jobs.push_back(build_job());
    b.start();
    bool applying = co_await b.until([&] { return !b.provisioner.of(Request::kApply).empty(); });
    CO_REQUIRE(applying);
    b.daemon->shutdown(Shutdown::finish_job);
    auto asked = b.clock.steady_now();
    co_await b.until([&] { return b.clock.steady_now() - asked > std::chrono::seconds(30); });
    EXPECT_FALSE(b.returned);
    EXPECT_TRUE(b.provisioner.of(Request::kCancel).empty());
    b.provisioner.answer(Request::kCancel, {apply_done("left", "interrupted")});
    b.daemon->shutdown(Shutdown::cancel_job);
    bool done = co_await b.until([&] { return b.returned; });
    CO_REQUIRE(done && b.server.failed.size() == 1);
    EXPECT_EQ(b.server.failed[0].error(), "the provisioner daemon shuts down: interrupted");
    EXPECT_EQ(b.server.failed[0].workspace_build().state(), "left");
}
TEST(Daemon, ShutdownWaitsForTheJobUnlessToldToCancelIt) { with_bench(waits_for_job); }

asio::awaitable<void> kills_job(Bench& b) {
    b.provisioner.answer(Request::kInit, {init_done()});
    b.provisioner.answer(Request::kPlan, {plan_done()});
    // The first is as good as not heard.
    b.provisioner.answer(Request::kCancel, {log_line("stopping")});
    b.provisioner.answer(Request::kCancel, {apply_done("left", "killed")});
    b.server.jobs.push_back(build_job());
    b.start();
    bool applying = co_await b.until([&] { return !b.provisioner.of(Request::kApply).empty(); });
    CO_REQUIRE(applying);
    b.daemon->shutdown(Shutdown::cancel_job);
    auto asked = b.clock.steady_now();
    co_await b.until([&] { return b.clock.steady_now() - asked > std::chrono::seconds(30); });
    EXPECT_FALSE(b.returned);
    EXPECT_EQ(b.provisioner.of(Request::kCancel).size(), 1u);
    b.daemon->shutdown(Shutdown::kill_job);
    // What comes later does not make it milder.
    b.daemon->shutdown(Shutdown::finish_job);
    asked = b.clock.steady_now();
    bool done = co_await b.until([&] { return b.returned; });
    CO_REQUIRE(done && b.server.failed.size() == 1);
    EXPECT_LE(b.clock.steady_now() - asked, std::chrono::seconds(2));
    EXPECT_EQ(b.server.failed[0].error(), "the provisioner daemon shuts down: killed");
    EXPECT_EQ(b.server.failed[0].workspace_build().state(), "left");
}
TEST(Daemon, ShutdownKillsTheJobWhenToldTo) { with_bench(kills_job); }

asio::awaitable<void> kills_job_of_a_lost_server(Bench& b) {
    KeptFolder folder;
    b.options.undelivered = folder.path;
    b.provisioner.answer(Request::kInit, {init_done()});
    b.provisioner.answer(Request::kPlan, {plan_done()});
    b.provisioner.answer(Request::kCancel, {});
    b.provisioner.answer(Request::kCancel, {apply_done("left", "killed")});
    auto acquired = build_job();
    acquired.set_job_id("c0ffee00-0000-4000-8000-000000000004");
    b.server.jobs.push_back(acquired);
    b.start();
    bool applying = co_await b.until([&] { return !b.provisioner.of(Request::kApply).empty(); });
    CO_REQUIRE(applying);
    b.refuse_connections = true;
    b.drop_connection();
    b.daemon->shutdown(Shutdown::cancel_job);
    b.daemon->shutdown(Shutdown::kill_job);
    auto asked = b.clock.steady_now();
    bool done = co_await b.until([&] { return b.returned; });
    CO_REQUIRE(done);
    EXPECT_LE(b.clock.steady_now() - asked, std::chrono::seconds(15));
    EXPECT_TRUE(b.server.failed.empty());
    EXPECT_EQ(folder.files(), 1u) << "the state is lost";
}
TEST(Daemon, AKilledJobDoesNotWaitForALostServer) { with_bench(kills_job_of_a_lost_server); }

asio::awaitable<void> idle(Bench& b) {
    b.start();
    bool waiting = co_await b.until([&] { return b.server.acquires == 1; });
    CO_REQUIRE(waiting);
    co_await b.finish();
    EXPECT_EQ(b.server.acquires_cancelled, 1);
}
TEST(Daemon, AnIdleDaemonGivesUpWaitingForAJob) { with_bench(idle); }

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
