#include "coderd/provisionerdserver/fixture_testing.h"

#include "net/stream.h"

namespace berth::coderd::testing {
namespace {

using db::testing::quoted;

}  // namespace

Fixture::Fixture()
    : clock(base::system_clock().now()),
      context{options, runtime, clock, database.store(), database.pubsub(), vault, base::Logger("test")},
      user(Uuid::random()) {
    options.access_url = "http://berth.test";
    options.provisioner_psk = SecretString("a-pre-shared-key");
    sql("INSERT INTO users (id, email, username, name, rbac_roles, created_at, updated_at) VALUES (" +
        quoted(user) + ", 'ada@example.com', 'ada', 'Ada', '{owner}', now(), now())");
    organization = *Uuid::parse(sql("SELECT id FROM organizations WHERE is_default"));
    sql("INSERT INTO organization_members (organization_id, user_id, created_at, updated_at) VALUES (" +
        quoted(organization) + ", " + quoted(user) + ", now(), now())");
}

Uuid Fixture::add_file(const std::string& hex_data) {
    auto id = Uuid::random();
    sql("INSERT INTO files (id, hash, created_at, created_by, mimetype, data) VALUES (" + quoted(id) +
        ", replace(" + quoted(id) + " || " + quoted(Uuid::random()) + ", '-', ''), now(), " + quoted(user) +
        ", 'application/x-tar', '\\x" + hex_data + "')");
    return id;
}

Uuid Fixture::add_import_job(const std::string& tags, const std::string& more_input) {
    auto version = Uuid::random();
    auto job = Uuid::random();
    auto file = add_file();
    // At once: a daemon must not find the job before its version is there.
    sql("INSERT INTO provisioner_jobs (id, created_at, updated_at, organization_id, initiator_id, "
        "provisioner, type, "
        "file_id, input, tags) VALUES (" +
        quoted(job) + ", now(), now(), " + quoted(organization) + ", " + quoted(user) +
        ", 'terraform', 'template_version_import', " + quoted(file) + ", '{\"template_version_id\": \"" +
        version.to_string() + "\"" + more_input + "}', '" + tags + "'); " +
        "INSERT INTO template_versions (id, organization_id, created_at, updated_at, name, job_id, "
        "created_by) VALUES (" +
        quoted(version) + ", " + quoted(organization) + ", now(), now(), 'v-" + version.to_string() + "', " +
        quoted(job) + ", " + quoted(user) + ")");
    return job;
}

Fixture::Imported Fixture::add_template(const std::string& name) {
    Imported imported;
    imported.job_id = add_import_job();
    sql("UPDATE provisioner_jobs SET started_at = now(), completed_at = now() WHERE id = " +
        quoted(imported.job_id));
    imported.version_id =
        *Uuid::parse(sql("SELECT id FROM template_versions WHERE job_id = " + quoted(imported.job_id)));
    imported.template_id = Uuid::random();
    sql("INSERT INTO templates (id, created_at, updated_at, organization_id, name, provisioner, "
        "active_version_id, "
        "created_by) VALUES (" +
        quoted(imported.template_id) + ", now(), now(), " + quoted(organization) + ", '" + name +
        "', 'terraform', " + quoted(imported.version_id) + ", " + quoted(user) + ")");
    sql("UPDATE template_versions SET template_id = " + quoted(imported.template_id) +
        " WHERE id = " + quoted(imported.version_id));
    return imported;
}

Uuid Fixture::add_version(const Imported& to) {
    auto job = add_import_job();
    sql("UPDATE provisioner_jobs SET started_at = now(), completed_at = now() WHERE id = " + quoted(job));
    return *Uuid::parse(sql("UPDATE template_versions SET template_id = " + quoted(to.template_id) +
                            " WHERE job_id = " + quoted(job) + " RETURNING id"));
}

Fixture::Build Fixture::add_workspace(const Imported& from, const std::string& name) {
    auto workspace = Uuid::random();
    sql("INSERT INTO workspaces (id, created_at, updated_at, owner_id, organization_id, template_id, name, "
        "ttl_ms) VALUES (" +
        quoted(workspace) + ", now(), now(), " + quoted(user) + ", " + quoted(organization) + ", " +
        quoted(from.template_id) + ", '" + name + "', 3600000)");
    return add_build(from, workspace, 1, "start");
}

Fixture::Build Fixture::add_build(const Imported& from, const Uuid& workspace_id, int number,
                                  const std::string& transition) {
    Build build{workspace_id, Uuid::random(), Uuid::random()};
    sql("INSERT INTO provisioner_jobs (id, created_at, updated_at, organization_id, initiator_id, "
        "provisioner, type, "
        "file_id, input, tags) VALUES (" +
        quoted(build.job_id) + ", now(), now(), " + quoted(organization) + ", " + quoted(user) +
        ", 'terraform', 'workspace_build', " + quoted(add_file()) + ", '{\"workspace_build_id\": \"" +
        build.build_id.to_string() + "\"}', '{\"scope\": \"organization\", \"owner\": \"\"}')");
    sql("INSERT INTO workspace_builds (id, created_at, updated_at, workspace_id, template_version_id, "
        "build_number, "
        "transition, initiator_id, job_id) VALUES (" +
        quoted(build.build_id) + ", now(), now(), " + quoted(workspace_id) + ", " + quoted(from.version_id) +
        ", " + std::to_string(number) + ", '" + transition + "', " + quoted(user) + ", " +
        quoted(build.job_id) + ")");
    return build;
}

std::string Fixture::job_status(const Uuid& job) {
    return sql("SELECT job_status FROM provisioner_jobs WHERE id = " + quoted(job));
}

ScriptedDaemon connect_daemon(net::TaskGroup& group, ProvisionerdServer& server, const std::string& name,
                              Tags tags) {
    auto stream = server.connect_builtin(group, group.executor(), name, std::move(tags));
    auto session = yamux::Session::create(group.executor(), std::move(stream), yamux::Role::client);
    group.spawn("daemon's yamux", session->run());
    return {session, drpc::Client::over(session)};
}

asio::awaitable<std::string> sql(Fixture& fixture, std::string text) {
    auto work = [&fixture, text] { return fixture.sql(text); };
    auto value = co_await net::run_on(fixture.runtime.workers(), std::move(work));
    co_return value;
}

namespace {
asio::awaitable<void> run_script(net::TaskGroup& group, Fixture& fixture, ProvisionerdServer& server,
                                 Script script) {
    group.spawn("server", server.run());
    auto daemon = connect_daemon(group, server, "daemon-1");
    co_await script(fixture, server, group, daemon);
    daemon.session->close();
}
}  // namespace

void with_daemon(Fixture& fixture, Script script) {
    ProvisionerdServer server(fixture.context);
    fixture.runtime.run(
        net::TaskGroup::scope(base::Logger("test"), run_script, std::ref(fixture), std::ref(server), script));
}

asio::awaitable<Result<::provisionerd::AcquiredJob>> acquire(ScriptedDaemon& daemon) {
    auto stream = co_await daemon.client.open(berth::rpc::provisionerd::acquire_job_with_cancel);
    if (!stream) co_return stream.error();
    auto job = co_await stream->recv();
    if (!job) co_return job.error();
    if (!*job) co_return not_found("no job");
    co_return std::move(**job);
}

}  // namespace berth::coderd::testing
