#include <gtest/gtest.h>

#include "base/crypto.h"
#include "coderd/jobs/channels.h"
#include "coderd/provisionerdserver/fixture_testing.h"
#include "coderd/provisionerdserver/job_source.h"
#include "coderd/provisionerdserver/reaper.h"
#include "coderd/provisionerdserver/update_job.h"
#include "rpc/file_transfer.h"

namespace berth::coderd {
namespace {

namespace pb = ::provisionerd;
namespace rpc = berth::rpc::provisionerd;
using db::testing::quoted;
using testing::acquire;
using testing::connect_daemon;
using testing::Fixture;
using testing::ScriptedDaemon;
using testing::sql;
using testing::with_daemon;

provisioner::Agent* add_agent(google::protobuf::RepeatedPtrField<provisioner::Resource>& resources,
                              const std::string& name) {
    auto* resource = resources.Add();
    resource->set_name("dev");
    resource->set_type("docker_container");
    resource->set_daily_cost(3);
    auto* item = resource->add_metadata();
    item->set_key("image");
    item->set_value("debian");
    auto* agent = resource->add_agents();
    agent->set_name(name);
    agent->set_token(Uuid::random().to_string());
    agent->set_operating_system("linux");
    agent->set_architecture("amd64");
    (*agent->mutable_env())["PATH"] = "/bin";
    auto* env = agent->add_extra_envs();
    env->set_name("PATH");
    env->set_value("/opt/bin");
    env->set_merge_strategy("append");
    auto* app = agent->add_apps();
    app->set_slug("web");
    app->set_url("http://localhost:8080");
    auto* script = agent->add_scripts();
    script->set_display_name("Startup");
    script->set_script("true");
    script->set_run_on_start(true);
    auto* metadata = agent->add_metadata();
    metadata->set_key("cpu");
    metadata->set_script("nproc");
    auto* container = agent->add_devcontainers();
    container->set_name("box");
    container->set_workspace_folder("/work");
    container->set_subagent_id(Uuid::random().to_string());
    return agent;
}

asio::awaitable<void> import_script(Fixture&, ProvisionerdServer&, net::TaskGroup&, ScriptedDaemon& daemon) {
    auto job = co_await acquire(daemon);
    EXPECT_TRUE(job) << job.error().to_string();
    if (!job) co_return;
    EXPECT_EQ(job->type_case(), pb::AcquiredJob::kTemplateImport);
    EXPECT_EQ(job->user_name(), "ada");
    EXPECT_EQ(job->template_source_archive().size(), 1u);

    pb::UpdateJobRequest update;
    update.set_job_id(job->job_id());
    for (int i = 0; i < 3; ++i)
        update.add_logs()->set_output("line " + std::to_string(i));
    update.set_readme("# Hello");
    (*update.mutable_workspace_tags())["zone"] = "\"a\"";
    auto* region = update.add_template_variables();
    region->set_name("region");
    region->set_default_value("eu");
    auto answer = co_await daemon.client.call(rpc::update_job, update);
    EXPECT_TRUE(answer) << answer.error().to_string();
    EXPECT_FALSE(answer->canceled());
    EXPECT_EQ(answer->variable_values(0).value(), "eu");

    const std::string modules(berth::rpc::file_piece + 10, 'm');
    auto upload = co_await daemon.client.open(rpc::upload_file);
    EXPECT_TRUE(upload);
    for (const auto& message : berth::rpc::cut_file(modules)) {
        auto sent = co_await upload->send(message);
        EXPECT_TRUE(sent);
    }
    auto uploaded = co_await upload->finish();
    EXPECT_TRUE(uploaded) << uploaded.error().to_string();

    pb::CompletedJob done;
    done.set_job_id(job->job_id());
    auto* result = done.mutable_template_import();
    add_agent(*result->mutable_start_resources(), "main");
    auto digest = base::sha256(modules);
    result->set_module_files_hash(std::string(reinterpret_cast<const char*>(digest.data()), digest.size()));
    result->set_plan(R"({"format_version":"1.2"})");
    auto* parameter = result->add_rich_parameters();
    parameter->set_name("size");
    parameter->set_type("number");
    parameter->set_validation_min(1);
    parameter->set_validation_max(9);
    parameter->add_options()->set_value("1");
    auto* preset = result->add_presets();
    preset->set_name("small");
    preset->add_parameters()->set_name("size");
    preset->mutable_prebuild()->set_instances(2);
    result->add_external_auth_providers()->set_id("github");
    auto completed = co_await daemon.client.call(rpc::complete_job, done);
    EXPECT_TRUE(completed) << completed.error().to_string();

    // A finished job takes nothing more.
    auto again = co_await daemon.client.call(rpc::complete_job, done);
    EXPECT_FALSE(again);
    auto late = co_await daemon.client.call(rpc::update_job, update);
    EXPECT_FALSE(late);
    pb::FailedJob failure;
    failure.set_job_id(job->job_id());
    auto failed = co_await daemon.client.call(rpc::fail_job, failure);
    EXPECT_FALSE(failed);
}

TEST(ProvisionerdServer, ImportsATemplate) {
    Fixture fixture;
    auto job = fixture.add_import_job();
    with_daemon(fixture, import_script);
    EXPECT_EQ(fixture.job_status(job), "succeeded");
    auto of_job = " WHERE job_id = " + quoted(job);
    EXPECT_EQ(fixture.sql("SELECT string_agg(output, ',' ORDER BY id) FROM provisioner_job_logs" + of_job),
              "line 0,line 1,line 2");
    EXPECT_EQ(fixture.sql("SELECT readme FROM template_versions" + of_job), "# Hello");
    EXPECT_EQ(fixture.sql("SELECT external_auth_providers->0->>'id' FROM template_versions" + of_job),
              "github");
    EXPECT_EQ(fixture.sql("SELECT validation_min || '-' || validation_max FROM template_version_parameters"),
              "1-9");
    EXPECT_EQ(fixture.sql("SELECT value FROM template_version_variables WHERE name = 'region'"), "eu");
    EXPECT_EQ(fixture.sql("SELECT desired_instances FROM template_version_presets"), "2");
    EXPECT_EQ(
        fixture.sql("SELECT environment_variables->>'PATH' FROM workspace_agents WHERE parent_id IS NULL"),
        "/bin:/opt/bin");
    EXPECT_EQ(
        fixture.sql(
            "SELECT count(*) FROM template_version_terraform_values WHERE cached_module_files IS NOT NULL"),
        "1");
    // A dev container: its row, a sub-agent, and a script that runs only by hand (behaviours 7 and 16).
    EXPECT_EQ(
        fixture.sql("SELECT count(*) FROM workspace_agent_devcontainers AS d JOIN workspace_agents AS a "
                    "ON a.id = d.subagent_id JOIN workspace_agent_scripts AS s ON s.id = d.id "
                    "WHERE s.script = '' AND NOT s.run_on_start AND a.parent_id = d.workspace_agent_id"),
        "1");
    EXPECT_EQ(fixture.sql("SELECT count(*) FROM workspace_resource_metadata"), "1");
}

asio::awaitable<void> build_script(Fixture&, ProvisionerdServer&, net::TaskGroup&, ScriptedDaemon& daemon) {
    auto job = co_await acquire(daemon);
    EXPECT_TRUE(job) << job.error().to_string();
    if (!job) co_return;
    EXPECT_EQ(job->type_case(), pb::AcquiredJob::kWorkspaceBuild);
    const auto& metadata = job->workspace_build().metadata();
    EXPECT_EQ(metadata.coder_url(), "http://berth.test");
    EXPECT_EQ(metadata.workspace_owner(), "ada");
    EXPECT_EQ(metadata.workspace_owner_email(), "ada@example.com");
    EXPECT_EQ(metadata.workspace_name(), "demo");
    EXPECT_EQ(metadata.template_name(), "base");
    EXPECT_EQ(metadata.workspace_transition(), provisioner::START);
    EXPECT_EQ(metadata.workspace_owner_groups_size(), 1);
    EXPECT_GE(metadata.workspace_owner_rbac_roles_size(), 3);
    EXPECT_EQ(metadata.workspace_owner_session_token().size(), 33u);
    EXPECT_FALSE(job->workspace_build().use_terraform_workspace_cache());
    pb::CompletedJob done;
    done.set_job_id(job->job_id());
    auto* result = done.mutable_workspace_build();
    result->set_state("the state");
    add_agent(*result->mutable_resources(), "main");
    auto* timing = result->add_timings();
    timing->set_stage("plan");
    timing->mutable_start()->set_seconds(1'700'000'000);
    timing->mutable_end()->set_seconds(1'700'000'001);
    result->add_timings()->set_stage("nonsense");
    auto completed = co_await daemon.client.call(rpc::complete_job, done);
    EXPECT_TRUE(completed) << completed.error().to_string();
}

asio::awaitable<void> delete_script(Fixture&, ProvisionerdServer&, net::TaskGroup&, ScriptedDaemon& daemon) {
    auto job = co_await acquire(daemon);
    EXPECT_TRUE(job) << job.error().to_string();
    if (!job) co_return;
    EXPECT_EQ(job->workspace_build().metadata().workspace_transition(), provisioner::DESTROY);
    EXPECT_TRUE(job->workspace_build().metadata().workspace_owner_session_token().empty());
    EXPECT_TRUE(job->workspace_build().use_terraform_workspace_cache());
    pb::CompletedJob done;
    done.set_job_id(job->job_id());
    done.mutable_workspace_build()->set_state("empty state");
    auto completed = co_await daemon.client.call(rpc::complete_job, done);
    EXPECT_TRUE(completed) << completed.error().to_string();
}

TEST(ProvisionerdServer, BuildsAndDeletesAWorkspace) {
    Fixture fixture;
    auto base = fixture.add_template("base");
    auto build = fixture.add_workspace(base, "demo");
    with_daemon(fixture, build_script);
    EXPECT_EQ(fixture.job_status(build.job_id), "succeeded");
    EXPECT_EQ(fixture.sql("SELECT convert_from(state, 'UTF8') FROM workspace_build_states"), "the state");
    EXPECT_EQ(fixture.sql("SELECT daily_cost FROM workspace_builds"), "3");
    EXPECT_EQ(fixture.sql("SELECT deadline IS NOT NULL FROM workspace_builds"), "t");
    EXPECT_EQ(fixture.sql("SELECT count(*) FROM provisioner_job_timings"), "1");
    EXPECT_EQ(fixture.sql("SELECT count(*) FROM api_keys"), "1");
    EXPECT_EQ(fixture.sql("SELECT health FROM workspace_apps"), "disabled");
    fixture.sql("UPDATE templates SET use_terraform_workspace_cache = true");

    auto removal = fixture.add_build(base, build.workspace_id, 2, "delete");
    with_daemon(fixture, delete_script);
    EXPECT_EQ(fixture.job_status(removal.job_id), "succeeded");
    EXPECT_EQ(fixture.sql("SELECT deleted FROM workspaces"), "t");
    // The owner's token for the workspace ended with it.
    EXPECT_EQ(fixture.sql("SELECT count(*) FROM api_keys"), "0");
}

asio::awaitable<void> fail_script(Fixture&, ProvisionerdServer&, net::TaskGroup&, ScriptedDaemon& daemon) {
    auto job = co_await acquire(daemon);
    EXPECT_TRUE(job) << job.error().to_string();
    if (!job) co_return;
    pb::FailedJob failure;
    failure.set_job_id(job->job_id());
    failure.set_error("terraform said no");
    failure.mutable_workspace_build();
    auto failed = co_await daemon.client.call(rpc::fail_job, failure);
    EXPECT_TRUE(failed) << failed.error().to_string();
}

TEST(ProvisionerdServer, AFailedBuildKeepsTheStateBefore) {
    Fixture fixture;
    auto base = fixture.add_template("base");
    auto first = fixture.add_workspace(base, "demo");
    fixture.sql("UPDATE provisioner_jobs SET started_at = now(), completed_at = now() WHERE id = " +
                quoted(first.job_id));
    fixture.sql("INSERT INTO workspace_build_states VALUES (" + quoted(first.build_id) + ", 'before')");
    auto second = fixture.add_build(base, first.workspace_id, 2, "start");
    with_daemon(fixture, fail_script);
    EXPECT_EQ(fixture.job_status(second.job_id), "failed");
    EXPECT_EQ(fixture.sql("SELECT error FROM provisioner_jobs WHERE id = " + quoted(second.job_id)),
              "terraform said no");
    EXPECT_EQ(
        fixture.sql(
            "SELECT convert_from(state, 'UTF8') FROM workspace_build_states WHERE workspace_build_id = " +
            quoted(second.build_id)),
        "before");
}

pb::FailedJob late_failure(const std::string& job_id, const std::string& state) {
    pb::FailedJob failure;
    failure.set_job_id(job_id);
    failure.set_error("the daemon was away");
    failure.mutable_workspace_build()->set_state(state);
    return failure;
}

/// The reaper gave the build up while its daemon was away; the daemon comes back with what terraform did.
asio::awaitable<void> late_script(Fixture& fixture, ProvisionerdServer&, net::TaskGroup&,
                                  ScriptedDaemon& daemon) {
    auto job = co_await acquire(daemon);
    EXPECT_TRUE(job) << job.error().to_string();
    if (!job) co_return;
    auto canceled = co_await sql(
        fixture,
        "UPDATE provisioner_jobs SET canceled_at = now(), completed_at = now(), error = '' WHERE id = '" +
            job->job_id() + "'");
    auto of_canceled = late_failure(job->job_id(), "what a canceled terraform did");
    auto accepted = co_await daemon.client.call(rpc::fail_job, of_canceled);
    EXPECT_TRUE(accepted) << accepted.error().to_string();
    auto reaped = co_await sql(
        fixture, "UPDATE provisioner_jobs SET canceled_at = NULL, error = 'given up' WHERE id = '" +
                     job->job_id() + "'");
    auto late = late_failure(job->job_id(), "what terraform did");
    auto kept = co_await daemon.client.call(rpc::fail_job, late);
    EXPECT_TRUE(kept) << kept.error().to_string();
    auto nothing = late_failure(job->job_id(), "");
    auto refused = co_await daemon.client.call(rpc::fail_job, nothing);
    EXPECT_FALSE(refused) << "without a state there is nothing to keep";
    auto moved = co_await sql(fixture, "UPDATE workspace_builds SET build_number = 2 WHERE build_number = 3");
    auto overtaken = late_failure(job->job_id(), "too late");
    auto stale = co_await daemon.client.call(rpc::fail_job, overtaken);
    EXPECT_FALSE(stale) << "another build began since";
}

TEST(ProvisionerdServer, TheStateOfADaemonThatWasAwayIsKeptUnlessAnotherBuildBegan) {
    Fixture fixture;
    auto base = fixture.add_template("base");
    auto build = fixture.add_workspace(base, "demo");
    // Stands for one that begins later: the script gives it its number.
    auto later = fixture.add_build(base, build.workspace_id, 3, "start");
    fixture.sql("UPDATE provisioner_jobs SET started_at = now(), completed_at = now() WHERE id = " +
                quoted(later.job_id));
    with_daemon(fixture, late_script);
    EXPECT_EQ(fixture.job_status(build.job_id), "failed");
    EXPECT_EQ(fixture.sql("SELECT error FROM provisioner_jobs WHERE id = " + quoted(build.job_id)),
              "given up");
    EXPECT_EQ(
        fixture.sql(
            "SELECT convert_from(state, 'UTF8') FROM workspace_build_states WHERE workspace_build_id = " +
            quoted(build.build_id)),
        "what terraform did");
}

asio::awaitable<void> bad_input_script(Fixture& fixture, ProvisionerdServer&, net::TaskGroup&,
                                       ScriptedDaemon& daemon) {
    auto job = co_await acquire(daemon);
    EXPECT_TRUE(job) << job.error().to_string();
    if (!job) co_return;
    auto foreign = co_await sql(fixture, "SELECT id FROM provisioner_jobs WHERE worker_id IS NULL LIMIT 1");
    std::vector<std::string> ids;
    for (const char* id : {"", "no-uuid", "00000000-0000-0000-0000-000000000000"})
        ids.emplace_back(id);
    ids.push_back(foreign);
    ids.push_back(Uuid::random().to_string());
    for (const auto& id : ids) {
        pb::UpdateJobRequest update;
        update.set_job_id(id);
        auto updated = co_await daemon.client.call(rpc::update_job, update);
        EXPECT_FALSE(updated) << id;
        pb::FailedJob failure;
        failure.set_job_id(id);
        auto failed = co_await daemon.client.call(rpc::fail_job, failure);
        EXPECT_FALSE(failed) << id;
        pb::CompletedJob done;
        done.set_job_id(id);
        done.mutable_template_import();
        auto completed = co_await daemon.client.call(rpc::complete_job, done);
        EXPECT_FALSE(completed) << id;
        pb::FileRequest file;
        file.set_file_id(id);
        file.set_upload_type(provisioner::UPLOAD_TYPE_MODULE_FILES);
        auto pieces = co_await daemon.client.open(rpc::download_file, file);
        if (!pieces) continue;
        auto piece = co_await pieces->recv();
        EXPECT_FALSE(piece) << id;
    }
    // The wrong arm does not end the job; a template that cannot be stored does, with the reason.
    pb::CompletedJob wrong;
    wrong.set_job_id(job->job_id());
    auto none = co_await daemon.client.call(rpc::complete_job, wrong);
    EXPECT_FALSE(none);
    pb::CompletedJob twins;
    twins.set_job_id(job->job_id());
    add_agent(*twins.mutable_template_import()->mutable_start_resources(), "main");
    add_agent(*twins.mutable_template_import()->mutable_start_resources(), "Main");
    auto refused = co_await daemon.client.call(rpc::complete_job, twins);
    EXPECT_FALSE(refused);
}

TEST(ProvisionerdServer, RefusesBadInput) {
    Fixture fixture;
    auto job = fixture.add_import_job();
    fixture.add_import_job(R"({"scope": "organization", "owner": "", "gpu": "1"})");
    with_daemon(fixture, bad_input_script);
    EXPECT_EQ(fixture.job_status(job), "failed");
    auto error = fixture.sql("SELECT error FROM provisioner_jobs WHERE id = " + quoted(job));
    EXPECT_NE(error.find("duplicate agent name"), std::string::npos) << error;
}

asio::awaitable<void> logs_script(Fixture& fixture, ProvisionerdServer&, net::TaskGroup&,
                                  ScriptedDaemon& daemon) {
    auto job = co_await acquire(daemon);
    EXPECT_TRUE(job) << job.error().to_string();
    if (!job) co_return;
    for (int i = 0; i < 4; ++i) {
        pb::UpdateJobRequest update;
        update.set_job_id(job->job_id());
        update.add_logs()->set_output(std::string(400'000, 'x') + std::string("\0", 1));
        auto updated = co_await daemon.client.call(rpc::update_job, update);
        EXPECT_TRUE(updated);
    }
    auto overflowed = co_await sql(fixture, "SELECT logs_overflowed FROM provisioner_jobs");
    EXPECT_EQ(overflowed, "t");
    // Missing values of required variables are asked for, and the variables can be listed.
    pb::UpdateJobRequest update;
    update.set_job_id(job->job_id());
    auto* variable = update.add_template_variables();
    variable->set_name("token");
    variable->set_required(true);
    auto missing = co_await daemon.client.call(rpc::update_job, update);
    EXPECT_FALSE(missing);
    if (!missing) {
        EXPECT_NE(missing.error().message().find("required template variables"), std::string::npos);
    }
    auto listed = co_await sql(fixture, "SELECT count(*) FROM template_version_variables");
    EXPECT_EQ(listed, "1");
    // Cancel reaches the daemon with its next heartbeat.
    co_await sql(fixture, "UPDATE provisioner_jobs SET canceled_at = now()");
    pb::UpdateJobRequest heartbeat;
    heartbeat.set_job_id(job->job_id());
    auto answer = co_await daemon.client.call(rpc::update_job, heartbeat);
    EXPECT_TRUE(answer && answer->canceled());
    pb::FailedJob failure;
    failure.set_job_id(job->job_id());
    failure.set_error("stopped");
    auto failed = co_await daemon.client.call(rpc::fail_job, failure);
    EXPECT_TRUE(failed);
}

TEST(ProvisionerdServer, BoundsLogsAsksForVariablesAndCancels) {
    Fixture fixture;
    auto job = fixture.add_import_job();
    with_daemon(fixture, logs_script);
    EXPECT_EQ(fixture.job_status(job), "canceled");
    EXPECT_EQ(fixture.sql("SELECT count(*) FROM provisioner_job_logs"), "3");
    EXPECT_EQ(fixture.sql("SELECT count(*) FROM provisioner_job_logs WHERE output LIKE '%1 MiB%'"), "1");
}

asio::awaitable<void> cancel_script(Fixture& fixture, ProvisionerdServer& server, net::TaskGroup& group,
                                    ScriptedDaemon& daemon) {
    // Nothing to do: a cancelled wish is answered with an empty job.
    auto idle = co_await daemon.client.open(rpc::acquire_job_with_cancel);
    EXPECT_TRUE(idle);
    auto sent = co_await idle->send(pb::CancelAcquire());
    EXPECT_TRUE(sent);
    auto none = co_await idle->recv();
    EXPECT_TRUE(none && *none);
    if (none && *none) {
        EXPECT_TRUE((*none)->job_id().empty());
    }

    // Whatever the race between a job and a cancel: it is handed over or still in the queue, never lost.
    auto other = connect_daemon(group, server, "daemon-2");
    for (int round = 0; round < 20; ++round) {
        auto wish = co_await daemon.client.open(rpc::acquire_job_with_cancel);
        EXPECT_TRUE(wish);
        auto id =
            co_await net::run_on(fixture.runtime.workers(), [&fixture] { return fixture.add_import_job(); });
        JobPosted hint;
        hint.organization_id = fixture.organization;
        hint.provisioner = "terraform";
        hint.tags = complete_tags(Tags(), Uuid());
        std::string payload = hint.to_json();
        auto posted = co_await fixture.context.pubsub.publish(std::string(job_posted_channel), payload);
        EXPECT_TRUE(posted);
        auto cancel = co_await wish->send(pb::CancelAcquire());
        (void)cancel;
        auto got = co_await wish->recv();
        EXPECT_TRUE(got && *got);
        if (!got || !*got) co_return;
        if (!(*got)->job_id().empty()) {
            EXPECT_EQ((*got)->job_id(), id.to_string());
            continue;
        }
        auto second = co_await acquire(other);
        EXPECT_TRUE(second);
        if (second) {
            EXPECT_EQ(second->job_id(), id.to_string());
        }
    }
    other.session->close();
}

TEST(ProvisionerdServer, CancelOfAcquireNeverLosesAJob) {
    Fixture fixture;
    with_daemon(fixture, cancel_script);
    EXPECT_EQ(fixture.sql("SELECT count(*) FROM provisioner_jobs WHERE started_at IS NULL"), "0");
    EXPECT_EQ(fixture.sql("SELECT count(*) FROM provisioner_jobs"), "20");
}

asio::awaitable<void> unbuildable_script(Fixture&, ProvisionerdServer&, net::TaskGroup&,
                                         ScriptedDaemon& daemon) {
    auto job = co_await acquire(daemon);
    EXPECT_TRUE(job) << job.error().to_string();
    if (job) {
        EXPECT_EQ(job->type_case(), pb::AcquiredJob::kTemplateImport);
    }
}

TEST(ProvisionerdServer, FailsAJobThatCannotBeBuiltAndTriesTheNext) {
    Fixture fixture;
    auto broken = fixture.add_import_job();
    fixture.sql("UPDATE provisioner_jobs SET input = '{}' WHERE id = " + quoted(broken));
    auto good = fixture.add_import_job();
    with_daemon(fixture, unbuildable_script);
    EXPECT_EQ(fixture.job_status(broken), "failed");
    EXPECT_EQ(fixture.job_status(good), "running");
}

// n°13
TEST(ProvisionerdServer, AJobWaitsAMillisecondAtLeast) {
    base::Time created{std::chrono::seconds(1'700'000'000)};
    using std::chrono::milliseconds;
    struct Case {
        std::chrono::microseconds passed;
        milliseconds wait;
    };
    for (auto [passed, wait] :
         {Case{milliseconds(0), milliseconds(1)}, Case{milliseconds(-5000), milliseconds(1)},
          Case{std::chrono::microseconds(999), milliseconds(1)}, Case{milliseconds(250), milliseconds(250)}})
        EXPECT_EQ(queue_wait(created, created + passed), wait);
}

TEST(Reaper, FailsSilentAndForgottenJobs) {
    Fixture fixture;
    auto base = fixture.add_template("base");
    auto first = fixture.add_workspace(base, "demo");
    fixture.sql("UPDATE provisioner_jobs SET started_at = now(), completed_at = now() WHERE id = " +
                quoted(first.job_id));
    fixture.sql("INSERT INTO workspace_build_states VALUES (" + quoted(first.build_id) + ", 'before')");
    auto silent = fixture.add_build(base, first.workspace_id, 2, "start");
    fixture.sql("UPDATE provisioner_jobs SET started_at = now(), worker_id = gen_random_uuid() WHERE id = " +
                quoted(silent.job_id));
    auto pending = fixture.add_import_job();
    auto reap = [&] { return fixture.runtime.run(reap_jobs(fixture.context)).value(); };

    fixture.clock.advance(std::chrono::minutes(4));
    EXPECT_EQ(reap(), 0u);
    fixture.clock.advance(std::chrono::minutes(2));
    EXPECT_EQ(reap(), 1u);
    EXPECT_EQ(fixture.job_status(silent.job_id), "failed");
    EXPECT_EQ(fixture.job_status(pending), "pending");
    EXPECT_EQ(
        fixture.sql(
            "SELECT convert_from(state, 'UTF8') FROM workspace_build_states WHERE workspace_build_id = " +
            quoted(silent.build_id)),
        "before");
    EXPECT_EQ(
        fixture.sql("SELECT count(*) FROM provisioner_job_logs WHERE job_id = " + quoted(silent.job_id)),
        "1");
    fixture.clock.advance(std::chrono::minutes(25));
    EXPECT_EQ(reap(), 1u);
    EXPECT_EQ(fixture.job_status(pending), "failed");
    EXPECT_EQ(reap(), 0u);
}

TEST(Reaper, TakesTenPerPass) {
    Fixture fixture;
    for (int i = 0; i < 12; ++i)
        fixture.add_import_job();
    fixture.clock.advance(std::chrono::minutes(31));
    EXPECT_EQ(fixture.runtime.run(reap_jobs(fixture.context)).value(), 10u);
    EXPECT_EQ(fixture.runtime.run(reap_jobs(fixture.context)).value(), 2u);
}

}  // namespace
}  // namespace berth::coderd
