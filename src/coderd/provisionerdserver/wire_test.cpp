// The numbered behaviours as a daemon sees them: what a job brings, and what becomes of a result.
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "coderd/agents/manifest.h"
#include "coderd/provisionerdserver/fixture_testing.h"
#include "rpc/file_transfer.h"

namespace berth::coderd {
namespace {

namespace pb = ::provisionerd;
namespace rpc = berth::rpc::provisionerd;
using db::testing::quoted;
using testing::acquire;
using testing::Fixture;
using testing::ScriptedDaemon;

/// One job: what the daemon got, and what became of its result when it gave one.
struct Turn {
    pb::CompletedJob result;
    pb::AcquiredJob job;
    std::string refusal;
};

asio::awaitable<void> take_turn(net::TaskGroup& group, ProvisionerdServer& server, Turn& turn) {
    group.spawn("server", server.run());
    auto daemon = testing::connect_daemon(group, server, "daemon-1");
    auto job = co_await acquire(daemon);
    EXPECT_TRUE(job) << job.error().to_string();
    if (!job) co_return;
    turn.job = std::move(*job);
    if (turn.result.type_case() != pb::CompletedJob::TYPE_NOT_SET) {
        turn.result.set_job_id(turn.job.job_id());
        auto completed = co_await daemon.client.call(rpc::complete_job, turn.result);
        if (!completed) turn.refusal = completed.error().message();
    }
    daemon.session->close();
}

Turn run_turn(Fixture& fixture, pb::CompletedJob result = {}) {
    Turn turn;
    turn.result = std::move(result);
    ProvisionerdServer server(fixture.context);
    fixture.runtime.run(
        net::TaskGroup::scope(base::Logger("test"), take_turn, std::ref(server), std::ref(turn)));
    return turn;
}

pb::CompletedJob build_result() {
    pb::CompletedJob done;
    done.mutable_workspace_build()->set_state("{}");
    return done;
}

std::string error_of(Fixture& fixture, const Uuid& job) {
    return fixture.sql("SELECT error FROM provisioner_jobs WHERE id = " + quoted(job));
}

// ---- n°1: user secrets ------------------------------------------------------------------------------------

struct StoredSecret {
    const char* name;
    const char* env_name;
    const char* file_path;
    bool delivered;
};

constexpr StoredSecret stored_secrets[] = {
    {"env", "TOKEN", "", true},
    {"file", "", "~/.netrc", true},
    {"both", "BOTH", "/etc/both", true},
    {"neither", "", "", false},
};

std::string value_of(const StoredSecret& secret) { return "hush-" + std::string(secret.name); }

void add_secrets(Fixture& fixture) {
    for (const auto& secret : stored_secrets)
        fixture.sql(
            "INSERT INTO user_secrets (id, user_id, name, env_name, file_path, value, value_size, "
            "created_at, updated_at) VALUES (gen_random_uuid(), " +
            quoted(fixture.user) + ", '" + secret.name + "', '" + secret.env_name + "', '" +
            secret.file_path + "', '" + value_of(secret) + "', 9, now(), now())");
}

using Places = std::set<std::tuple<std::string, std::string, std::string>>;

Places places_of(const pb::AcquiredJob& job) {
    Places places;
    for (const auto& secret : job.workspace_build().user_secrets())
        places.emplace(secret.env_name(), secret.file_path(), secret.value());
    return places;
}

TEST(Wire, N1_AStartGetsItsOwnersSecretsAndNothingElseDoes) {
    Fixture fixture;
    add_secrets(fixture);
    Places all;
    for (const auto& secret : stored_secrets)
        if (secret.delivered) all.emplace(secret.env_name, secret.file_path, value_of(secret));
    auto base = fixture.add_template("base");
    auto build = fixture.add_workspace(base, "demo");
    int number = 1;
    for (const char* transition : {"start", "stop", "start", "delete"}) {
        if (number > 1) build = fixture.add_build(base, build.workspace_id, number, transition);
        auto turn = run_turn(fixture, build_result());
        EXPECT_EQ(places_of(turn.job), transition == std::string("start") ? all : Places()) << transition;
        EXPECT_EQ(fixture.job_status(build.job_id), "succeeded") << transition;
        ++number;
    }
    fixture.add_import_job();
    auto import = run_turn(fixture);
    EXPECT_EQ(import.job.SerializeAsString().find("hush-"), std::string::npos)
        << "imports are the template's";
    EXPECT_EQ(fixture.sql("SELECT count(*) FROM provisioner_jobs AS j WHERE j::text LIKE '%hush-%'"), "0");
    EXPECT_EQ(fixture.sql("SELECT count(*) FROM provisioner_job_logs AS l WHERE l::text LIKE '%hush-%'"),
              "0");
}

TEST(Wire, N1_SecretsThatCannotBeReadFailTheStartAndNothingElse) {
    struct Row {
        const char* damage;
        const char* says;
    };
    for (const auto& row :
         {Row{"INSERT INTO dbcrypt_keys (id, created_at, proof) VALUES ('lost', now(), 'x'); "
              "UPDATE user_secrets SET value_key_id = 'lost'",
              "the owner's secret \"both\""},
          Row{"ALTER TABLE user_secrets RENAME COLUMN file_path TO gone", "the owner's secrets"}}) {
        Fixture fixture;
        add_secrets(fixture);
        auto base = fixture.add_template("base");
        auto start = fixture.add_workspace(base, "demo");
        auto stop = fixture.add_build(base, start.workspace_id, 2, "stop");
        fixture.sql(row.damage);
        auto turn = run_turn(fixture, build_result());
        EXPECT_EQ(turn.job.job_id(), stop.job_id.to_string());
        EXPECT_EQ(fixture.job_status(start.job_id), "failed");
        auto error = error_of(fixture, start.job_id);
        EXPECT_NE(error.find(row.says), std::string::npos) << error;
        EXPECT_EQ(error.find("hush-"), std::string::npos) << error;
    }
}

// ---- n°5: coder_env's merge_strategy ----------------------------------------------------------------------

struct MergeStep {
    const char* strategy;
    const char* value;
};

struct MergeRow {
    std::optional<std::string> before;
    std::vector<MergeStep> steps;
    std::string after;
};

const std::vector<MergeRow> good_merges = {
    {std::nullopt, {{"", "v"}}, "v"},
    {"old", {{"", "v"}}, "v"},
    {"", {{"", "v"}}, "v"},
    {std::nullopt, {{"replace", "v"}}, "v"},
    {"old", {{"replace", "v"}}, "v"},
    {"", {{"replace", "v"}}, "v"},
    {std::nullopt, {{"append", "v"}}, "v"},
    {"old", {{"append", "v"}}, "old:v"},
    {"", {{"append", "v"}}, "v"},
    {std::nullopt, {{"prepend", "v"}}, "v"},
    {"old", {{"prepend", "v"}}, "v:old"},
    {"", {{"prepend", "v"}}, "v"},
    {std::nullopt, {{"error", "v"}}, "v"},
    {std::nullopt, {{"append", "/a"}, {"append", "/b"}}, "/a:/b"},
    {std::nullopt, {{"prepend", "/a"}, {"prepend", "/b"}}, "/b:/a"},
    {"old", {{"append", "/a"}, {"replace", "/b"}}, "/b"},
};

provisioner::Agent* add_main(pb::CompletedJob& done) {
    auto* resource = done.mutable_workspace_build()->add_resources();
    resource->set_type("docker_container");
    resource->set_name("dev");
    auto* agent = resource->add_agents();
    agent->set_name("main");
    agent->set_token(Uuid::random().to_string());
    return agent;
}

provisioner::Devcontainer* add_box(provisioner::Agent& agent) {
    auto* box = agent.add_devcontainers();
    box->set_name("box");
    box->set_workspace_folder("/work");
    return box;
}

void add_env(google::protobuf::RepeatedPtrField<provisioner::Env>& envs, const std::string& name,
             const MergeStep& step) {
    auto* env = envs.Add();
    env->set_name(name);
    env->set_value(step.value);
    env->set_merge_strategy(step.strategy);
}

::coder::agent::v2::Manifest manifest_named(Fixture& fixture, const Fixture::Build& build,
                                            const std::string& name) {
    auto id =
        *Uuid::parse(fixture.sql("SELECT a.id FROM workspace_agents AS a JOIN workspace_resources AS r "
                                 "ON r.id = a.resource_id WHERE a.name = '" +
                                 name + "' AND r.job_id = " + quoted(build.job_id)));
    AgentIdentity identity{id, build.workspace_id, build.build_id, fixture.user};
    return fixture.runtime.run(build_manifest(fixture.context, identity)).value();
}

TEST(Wire, N5_EnvironmentsAreMergedByTheTable) {
    Fixture fixture;
    auto build = fixture.add_workspace(fixture.add_template("base"), "demo");
    auto done = build_result();
    auto* agent = add_main(done);
    auto* box = add_box(*agent);
    for (std::size_t i = 0; i < good_merges.size(); ++i) {
        auto name = "NAME_" + std::to_string(i);
        const auto& row = good_merges[i];
        if (row.before) (*agent->mutable_env())[name] = *row.before;
        for (const auto& step : row.steps) {
            add_env(*agent->mutable_extra_envs(), name, step);
            // A dev container has no environment of its own to begin with.
            if (!row.before) add_env(*box->mutable_envs(), name, step);
        }
    }
    auto turn = run_turn(fixture, done);
    ASSERT_EQ(turn.refusal, "");
    auto own = manifest_named(fixture, build, "main").environment_variables();
    auto boxed = manifest_named(fixture, build, "box").environment_variables();
    for (std::size_t i = 0; i < good_merges.size(); ++i) {
        auto name = "NAME_" + std::to_string(i);
        const auto& row = good_merges[i];
        EXPECT_EQ(own.at(name), row.after) << name << " " << row.steps[0].strategy;
        EXPECT_EQ(boxed.contains(name), !row.before.has_value()) << name;
        if (!row.before) {
            EXPECT_EQ(boxed.at(name), row.after) << name << " " << row.steps[0].strategy;
        }
    }
}

TEST(Wire, N5_WhatCannotBeMergedFailsTheBuildAndKeepsItsState) {
    struct Row {
        std::optional<std::string> before;
        std::vector<MergeStep> steps;
        const char* says;
    };
    Fixture fixture;
    auto base = fixture.add_template("base");
    int count = 0;
    for (const auto& row : std::vector<Row>{{"old", {{"error", "v"}}, "duplicate env var \"NAME\""},
                                            {"", {{"error", "v"}}, "duplicate env var \"NAME\""},
                                            {std::nullopt, {{"", "v"}, {"error", "w"}}, "duplicate env var"},
                                            {std::nullopt, {{"sum", "v"}}, "sum"},
                                            {std::nullopt, {{"REPLACE", "v"}}, "REPLACE"}}) {
        for (bool boxed : {false, true}) {
            if (boxed && row.before) continue;
            auto build = fixture.add_workspace(base, "demo-" + std::to_string(++count));
            auto done = build_result();
            auto* agent = add_main(done);
            if (row.before) (*agent->mutable_env())["NAME"] = *row.before;
            auto* envs = boxed ? add_box(*agent)->mutable_envs() : agent->mutable_extra_envs();
            for (const auto& step : row.steps)
                add_env(*envs, "NAME", step);
            auto turn = run_turn(fixture, done);
            EXPECT_NE(turn.refusal.find(row.says), std::string::npos) << turn.refusal;
            EXPECT_EQ(fixture.job_status(build.job_id), "failed");
            EXPECT_NE(error_of(fixture, build.job_id).find("NAME"), std::string::npos)
                << error_of(fixture, build.job_id);
            EXPECT_EQ(fixture.sql("SELECT count(*) FROM workspace_build_states WHERE workspace_build_id = " +
                                  quoted(build.build_id)),
                      "1");
        }
    }
    EXPECT_EQ(fixture.sql("SELECT count(*) FROM workspace_resources"), "0") << "nothing half-written";
}

// ---- n°7: coder_devcontainer ------------------------------------------------------------------------------

TEST(Wire, N7_ADevContainerIsARowAndAScriptThatIsRunByHand) {
    Fixture fixture;
    auto build = fixture.add_workspace(fixture.add_template("base"), "demo");
    auto done = build_result();
    auto* box = add_box(*add_main(done));
    box->set_config_path("/srv/devcontainer.json");
    auto turn = run_turn(fixture, done);
    ASSERT_EQ(turn.refusal, "");
    auto manifest = manifest_named(fixture, build, "main");
    ASSERT_EQ(manifest.devcontainers_size(), 1);
    const auto& container = manifest.devcontainers(0);
    EXPECT_EQ(container.name(), "box");
    EXPECT_EQ(container.workspace_folder(), "/work");
    EXPECT_EQ(container.config_path(), "/srv/devcontainer.json");
    EXPECT_FALSE(container.has_subagent_id()) << "nothing to hold, so no agent of its own";
    ASSERT_EQ(manifest.scripts_size(), 1);
    const auto& script = manifest.scripts(0);
    EXPECT_EQ(script.id(), container.id());
    EXPECT_EQ(script.script(), "");
    EXPECT_FALSE(script.run_on_start() || script.run_on_stop() || script.start_blocks_login());
    EXPECT_EQ(script.display_name(), "Dev Container (box)");
}

// ---- n°17: tasks ------------------------------------------------------------------------------------------

void add_task(Fixture& fixture, const Fixture::Imported& of, const Uuid& workspace) {
    fixture.sql(
        "INSERT INTO tasks (id, created_at, updated_at, organization_id, owner_id, name, display_name, "
        "template_version_id, workspace_id, prompt) VALUES (gen_random_uuid(), now(), now(), " +
        quoted(fixture.organization) + ", " + quoted(fixture.user) + ", 'demo', 'Demo', " +
        quoted(of.version_id) + ", " + quoted(workspace) + ", 'Fix it')");
}

std::string told_task(const pb::AcquiredJob& job) {
    const auto& metadata = job.workspace_build().metadata();
    return metadata.task_id() + " " + metadata.task_prompt();
}

TEST(Wire, N17_EveryBuildIsToldItsTaskAndADeletedWorkspaceTakesItAlong) {
    Fixture fixture;
    auto base = fixture.add_template("base");
    auto build = fixture.add_workspace(base, "demo");
    add_task(fixture, base, build.workspace_id);
    auto told = fixture.sql("SELECT id || ' Fix it' FROM tasks");
    int number = 1;
    for (const char* transition : {"start", "stop", "start", "delete"}) {
        if (number > 1) build = fixture.add_build(base, build.workspace_id, number, transition);
        // The task may be deleted before its workspace is: that is destroyed as it was made.
        if (transition == std::string("delete")) fixture.sql("UPDATE tasks SET deleted_at = now()");
        auto turn = run_turn(fixture, build_result());
        EXPECT_EQ(told_task(turn.job), told) << transition;
        EXPECT_EQ(fixture.job_status(build.job_id), "succeeded") << transition;
        ++number;
    }
    auto second = fixture.add_workspace(base, "second");
    fixture.sql("UPDATE tasks SET deleted_at = NULL, workspace_id = " + quoted(second.workspace_id));
    run_turn(fixture, build_result());
    fixture.add_build(base, second.workspace_id, 2, "delete");
    run_turn(fixture, build_result());
    EXPECT_EQ(fixture.sql("SELECT count(*) FROM tasks WHERE deleted_at IS NULL"), "0");
    fixture.add_workspace(base, "third");
    EXPECT_EQ(told_task(run_turn(fixture, build_result()).job), " ") << "has none";
}

TEST(Wire, N17_TheAppOfATaskIsItsAppIdElseItsSidebarApp) {
    struct Row {
        const char* app_id;
        const char* sidebar;
        const char* transition;
        /// The app's slug; "" when the task has none.
        const char* shown;
        bool warns;
    };
    const Row rows[] = {
        {"id-chat", "", "start", "chat", false},  {"id-chat", "id-web", "start", "chat", false},
        {"", "id-web", "start", "web", false},    {"", "", "start", "", false},
        {"unknown", "id-web", "start", "", true}, {"", "unknown", "start", "", true},
        {"id-chat", "id-web", "stop", "", false},
    };
    for (const auto& row : rows) {
        SCOPED_TRACE(std::string(row.app_id) + "/" + row.sidebar + "/" + row.transition);
        Fixture fixture;
        auto base = fixture.add_template("base");
        auto build = fixture.add_workspace(base, "demo");
        if (row.transition == std::string("stop")) {
            run_turn(fixture, build_result());
            build = fixture.add_build(base, build.workspace_id, 2, "stop");
        }
        auto done = build_result();
        auto& agent = *add_main(done);
        for (const char* slug : {"chat", "web"}) {
            auto* app = agent.add_apps();
            app->set_id(std::string("id-") + slug);
            app->set_slug(slug);
        }
        auto* task = done.mutable_workspace_build()->add_ai_tasks();
        task->set_id("t");
        task->set_app_id(row.app_id);
        if (*row.sidebar != 0) task->mutable_sidebar_app()->set_id(row.sidebar);
        auto turn = run_turn(fixture, done);
        EXPECT_EQ(turn.refusal, "");
        EXPECT_EQ(
            fixture.sql("SELECT coalesce((SELECT slug FROM workspace_apps WHERE id = ai_task_app_id), '') "
                        "FROM workspace_builds WHERE id = " +
                        quoted(build.build_id)),
            row.shown);
        EXPECT_EQ(
            fixture.sql("SELECT count(*) FROM provisioner_job_logs WHERE level = 'warn' AND output LIKE "
                        "'The app of the template%'"),
            row.warns ? "1" : "0");
    }
}

// ---- n°18: the files of a job -----------------------------------------------------------------------------

struct FileRead {
    std::vector<Uuid> files;
    std::vector<std::string> contents;
};

asio::awaitable<std::string> download(ScriptedDaemon& daemon, Uuid id) {
    pb::FileRequest request;
    request.set_file_id(id.to_string());
    request.set_upload_type(provisioner::UPLOAD_TYPE_MODULE_FILES);
    auto stream = co_await daemon.client.open(rpc::download_file, request);
    if (!stream) co_return stream.error().message();
    berth::rpc::FileAssembler file(20 << 20);
    while (!file.complete()) {
        auto piece = co_await stream->recv();
        if (!piece) co_return piece.error().message();
        if (!*piece) co_return std::string("it ended early");
        auto added = file.add(**piece);
        if (!added) co_return added.error().message();
    }
    co_return std::move(file).take();
}

asio::awaitable<void> read_files(net::TaskGroup& group, ProvisionerdServer& server, FileRead& read) {
    group.spawn("server", server.run());
    auto daemon = testing::connect_daemon(group, server, "daemon-1");
    auto other = testing::connect_daemon(group, server, "daemon-2");
    auto job = co_await acquire(daemon);
    EXPECT_TRUE(job);
    for (const auto& id : read.files) {
        auto content = co_await download(daemon, id);
        read.contents.push_back(content);
    }
    auto foreign = co_await download(other, read.files.front());
    read.contents.push_back(foreign);
    auto done = build_result();
    if (job) done.set_job_id(job->job_id());
    auto completed = co_await daemon.client.call(rpc::complete_job, done);
    EXPECT_TRUE(completed);
    auto late = co_await download(daemon, read.files.front());
    read.contents.push_back(late);
    daemon.session->close();
    other.session->close();
}

TEST(Wire, N18_AJobMayReadTheModulesOfItsVersionAndNothingElse) {
    Fixture fixture;
    auto add_modules = [&](const Fixture::Imported& of, const Uuid& file) {
        fixture.sql(
            "INSERT INTO template_version_terraform_values (template_version_id, updated_at, "
            "cached_plan, cached_module_files) VALUES (" +
            quoted(of.version_id) + ", now(), '{}', " + quoted(file) + ")");
    };
    auto base = fixture.add_template("base");
    auto other = fixture.add_template("other");
    std::string content(5 << 20, 'm');
    auto modules = fixture.add_file();
    fixture.sql("UPDATE files SET data = convert_to(repeat('m', 5 << 20), 'UTF8') WHERE id = " +
                quoted(modules));
    auto foreign = fixture.add_file();
    add_modules(base, modules);
    add_modules(other, foreign);
    fixture.add_workspace(base, "demo");
    auto sources = *Uuid::parse(fixture.sql("SELECT file_id FROM provisioner_jobs WHERE started_at IS NULL"));
    FileRead read{{modules, foreign, sources, Uuid::random()}, {}};
    ProvisionerdServer server(fixture.context);
    fixture.runtime.run(
        net::TaskGroup::scope(base::Logger("test"), read_files, std::ref(server), std::ref(read)));
    ASSERT_EQ(read.contents.size(), 6u);
    EXPECT_TRUE(read.contents[0] == content) << "of " << read.contents[0].size() << " bytes";
    for (std::size_t i = 1; i < read.contents.size(); ++i)
        EXPECT_EQ(read.contents[i], "no job of this daemon has such a file") << i;
}

// ---- n°21: jobs that cannot be said -----------------------------------------------------------------------

TEST(Wire, N21_AJobThatCannotBeSaidFailsWithTheReasonAndTheNextComes) {
    struct Row {
        const char* damage;
        const char* says;
    };
    const Row rows[] = {
        {"UPDATE provisioner_jobs SET input = '[]' WHERE id = ", "not a JSON object"},
        {"UPDATE provisioner_jobs SET input = '{}' WHERE id = ", "belongs to another job"},
        {"UPDATE provisioner_jobs SET input = '{\"workspace_build_id\": 7}' WHERE id = ", "another job"},
        {"DELETE FROM workspace_builds WHERE job_id = ", "workspace build"},
        {"UPDATE provisioner_jobs SET type = 'template_version_import' WHERE id = ", "no template version"},
        {"UPDATE provisioner_jobs SET type = 'template_version_dry_run' WHERE id = ", "no template version"},
    };
    Fixture fixture;
    auto base = fixture.add_template("base");
    int count = 0;
    for (const auto& row : rows) {
        auto broken = fixture.add_workspace(base, "broken-" + std::to_string(++count));
        fixture.sql(row.damage + quoted(broken.job_id));
        auto good = fixture.add_workspace(base, "good-" + std::to_string(count));
        auto turn = run_turn(fixture, build_result());
        EXPECT_EQ(turn.job.job_id(), good.job_id.to_string()) << row.damage;
        EXPECT_EQ(turn.job.type_case(), pb::AcquiredJob::kWorkspaceBuild);
        EXPECT_EQ(fixture.job_status(broken.job_id), "failed") << row.damage;
        auto error = error_of(fixture, broken.job_id);
        EXPECT_NE(error.find(row.says), std::string::npos) << row.damage << ": " << error;
        EXPECT_EQ(fixture.job_status(good.job_id), "succeeded");
    }
}

// ---- n°23: the owner's session token ----------------------------------------------------------------------

constexpr const char* prebuilds_user = "c42fdf75-3097-471c-8c33-fb52454d81c0";

std::string token_of(const Turn& turn) {
    return turn.job.workspace_build().metadata().workspace_owner_session_token();
}

TEST(Wire, N23_EachStartBringsANewTokenAndEndsTheOld) {
    Fixture fixture;
    auto base = fixture.add_template("base");
    auto build = fixture.add_workspace(base, "demo");
    auto first = token_of(run_turn(fixture, build_result()));
    ASSERT_NE(first, "");
    auto hash = fixture.sql("SELECT encode(hashed_secret, 'hex') FROM api_keys");
    fixture.add_build(base, build.workspace_id, 2, "start");
    auto second = token_of(run_turn(fixture, build_result()));
    EXPECT_NE(second, first);
    EXPECT_EQ(
        fixture.sql("SELECT count(*) FROM api_keys WHERE encode(hashed_secret, 'hex') <> '" + hash + "'"),
        "1");
    EXPECT_EQ(fixture.sql("SELECT count(*) FROM api_keys"), "1");
    fixture.add_build(base, build.workspace_id, 3, "stop");
    EXPECT_EQ(token_of(run_turn(fixture, build_result())), "");
    EXPECT_EQ(fixture.sql("SELECT count(*) FROM api_keys"), "0");
}

TEST(Wire, N23_AClaimEndsWhatThePrebuildsUserHadAndKeepsTheAgentsTokens) {
    Fixture fixture;
    auto base = fixture.add_template("base");
    auto build = fixture.add_workspace(base, "demo");
    auto stage = [&](const Fixture::Build& of, const char* name) {
        fixture.sql("UPDATE provisioner_jobs SET input = input || '{\"prebuild_stage\": \"" +
                    std::string(name) + "\"}' WHERE id = " + quoted(of.job_id));
    };
    stage(build, "create");
    fixture.sql("UPDATE workspaces SET owner_id = '" + std::string(prebuilds_user) + "'");
    auto done = build_result();
    auto agent_token = add_main(done)->token();
    auto created = run_turn(fixture, done);
    EXPECT_EQ(token_of(created), "") << "nobody's workspace has no token";
    EXPECT_EQ(created.job.workspace_build().metadata().prebuilt_workspace_build_stage(), provisioner::CREATE);
    EXPECT_EQ(fixture.sql("SELECT count(*) FROM api_keys"), "0");

    // From before it was forbidden.
    fixture.sql(
        "INSERT INTO api_keys (id, hashed_secret, user_id, last_used, expires_at, created_at, "
        "updated_at, login_type, token_name) VALUES ('0123456789', decode(repeat('00', 32), 'hex'), '" +
        std::string(prebuilds_user) + "', now(), now(), now(), now(), 'token', '" + prebuilds_user + "_" +
        build.workspace_id.to_string() + "_session_token')");
    fixture.sql("UPDATE workspaces SET owner_id = " + quoted(fixture.user));
    auto claim = fixture.add_build(base, build.workspace_id, 2, "start");
    stage(claim, "claim");
    auto claimed = run_turn(fixture, build_result());
    const auto& metadata = claimed.job.workspace_build().metadata();
    EXPECT_EQ(metadata.prebuilt_workspace_build_stage(), provisioner::CLAIM);
    ASSERT_EQ(metadata.running_agent_auth_tokens_size(), 1);
    EXPECT_EQ(metadata.running_agent_auth_tokens(0).token(), agent_token);
    EXPECT_NE(token_of(claimed), "");
    EXPECT_EQ(fixture.sql("SELECT string_agg(user_id::text, ',') FROM api_keys"), fixture.user.to_string());
}

}  // namespace
}  // namespace berth::coderd
