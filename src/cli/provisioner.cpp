#include "cli/provisioner.h"

#include "base/text.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/table.h"
#include "cli/workspace.h"
#include "sdk/client_call.h"

namespace berth::cli {
namespace {

using sdk::Target;

std::string tags_text(const std::map<std::string, std::string>& tags) {
    std::vector<std::string> parts;
    for (const auto& [name, value] : tags)
        parts.push_back(name + "=" + value);
    return base::join(parts, " ");
}

Target of_provisioners(const std::string& organization, std::string_view rest) {
    return Target("/api/v2/organizations/").value(organization).path(rest);
}

// --- daemons

struct DaemonListOptions {
    OutputFormat output;
    std::string organization = "default";
    std::vector<std::string> statuses;
    bool show_offline = false;
    std::int64_t limit = 50;
    std::string max_age;
};

asio::awaitable<Result<void>> list_daemons(Session& session, std::shared_ptr<DaemonListOptions> options) {
    auto client = session.client();
    if (!client) co_return client.error();
    auto target = of_provisioners(options->organization, "/provisionerdaemons");
    if (!options->statuses.empty()) target.query("status", base::join(options->statuses, ","));
    if (options->show_offline) target.query("offline", "true");
    if (!options->max_age.empty()) target.query("max_age", options->max_age);
    target.query("limit", std::to_string(options->limit));
    auto daemons = co_await sdk::get<std::vector<sdk::ProvisionerDaemon>>(**client, target);
    if (!daemons) co_return daemons.error();
    if (options->output.json()) {
        session.print(json_text(*daemons));
        co_return Result<void>();
    }
    Table table({"ID", "NAME", "STATUS", "LAST SEEN", "VERSION", "KEY NAME", "TAGS", "CURRENT JOB"});
    for (const auto& daemon : *daemons)
        table.add({daemon.id.to_string(), daemon.name,
                   daemon.status ? std::string(sdk::to_string(*daemon.status)) : std::string(),
                   time_ago(daemon.last_seen_at.value_or(sdk::zero_time)), daemon.version,
                   daemon.key_name.value_or(""), tags_text(daemon.tags),
                   daemon.current_job ? daemon.current_job->id.to_string() : std::string()});
    co_return options->output.print(session, table);
}

// --- keys

struct KeyOptions {
    OutputFormat output;
    std::string organization = "default";
    std::string name;
    std::vector<std::string> tags;
    bool yes = false;
};

asio::awaitable<Result<void>> create_key(Session& session, std::shared_ptr<KeyOptions> options) {
    auto client = session.client();
    if (!client) co_return client.error();
    auto tags = parse_pairs(options->tags, "--tag");
    if (!tags) co_return tags.error();
    sdk::CreateProvisionerKeyRequest request;
    request.name = options->name;
    request.tags = {tags->begin(), tags->end()};
    auto target = of_provisioners(options->organization, "/provisionerkeys");
    auto created = co_await sdk::fetch<sdk::CreateProvisionerKeyResponse>(**client, http::Method::post,
                                                                          target, sdk::encode(request));
    if (!created) co_return created.error();
    session.note(
        "The key is created. It is shown only now; give it to a daemon as CODER_PROVISIONER_DAEMON_KEY:\n");
    session.print(created->key + "\n");
    co_return Result<void>();
}

asio::awaitable<Result<void>> list_keys(Session& session, std::shared_ptr<KeyOptions> options) {
    auto client = session.client();
    if (!client) co_return client.error();
    auto target = of_provisioners(options->organization, "/provisionerkeys");
    auto keys = co_await sdk::get<std::vector<sdk::ProvisionerKey>>(**client, target);
    if (!keys) co_return keys.error();
    if (options->output.json()) {
        session.print(json_text(*keys));
        co_return Result<void>();
    }
    Table table({"NAME", "CREATED", "TAGS"});
    for (const auto& key : *keys)
        table.add({key.name, time_ago(key.created_at), tags_text(key.tags)});
    co_return options->output.print(session, table);
}

asio::awaitable<Result<void>> delete_key(Session& session, std::shared_ptr<KeyOptions> options) {
    auto client = session.client();
    if (!client) co_return client.error();
    auto sure = confirm(session, "Delete the provisioner key \"" + options->name + "\"?", options->yes);
    if (!sure) co_return sure.error();
    auto target = of_provisioners(options->organization, "/provisionerkeys/").value(options->name);
    auto done = co_await sdk::perform(**client, http::Method::del, target);
    if (!done) co_return done.error();
    session.note("The provisioner key is deleted.\n");
    co_return Result<void>();
}

// --- jobs

struct JobOptions {
    OutputFormat output;
    std::string organization = "default";
    std::vector<std::string> statuses;
    std::string initiator;
    std::int64_t limit = 50;
    std::string id;
    bool yes = false;
};

asio::awaitable<Result<void>> list_jobs(Session& session, std::shared_ptr<JobOptions> options) {
    auto client = session.client();
    if (!client) co_return client.error();
    auto target = of_provisioners(options->organization, "/provisionerjobs");
    if (!options->statuses.empty()) target.query("status", base::join(options->statuses, ","));
    if (!options->initiator.empty()) target.query("initiator", options->initiator);
    target.query("limit", std::to_string(options->limit));
    auto jobs = co_await sdk::get<std::vector<sdk::ProvisionerJob>>(**client, target);
    if (!jobs) co_return jobs.error();
    if (options->output.json()) {
        session.print(json_text(*jobs));
        co_return Result<void>();
    }
    Table table({"ID", "CREATED", "STATUS", "TYPE", "TEMPLATE", "WORKSPACE", "QUEUE", "WORKER", "ERROR"});
    for (const auto& job : *jobs) {
        bool queued = job.status == sdk::ProvisionerJobStatus::pending && job.queue_size > 0;
        table.add({job.id.to_string(), time_ago(job.created_at), std::string(sdk::to_string(job.status)),
                   std::string(sdk::to_string(job.type)), job.metadata.template_name,
                   job.metadata.workspace_name,
                   queued ? std::to_string(job.queue_position) + "/" + std::to_string(job.queue_size) : "",
                   job.worker_name, job.error});
    }
    co_return options->output.print(session, table);
}

/// A job is cancelled as what it is for.
asio::awaitable<Result<void>> cancel_job(Session& session, std::shared_ptr<JobOptions> options) {
    auto client = session.client();
    if (!client) co_return client.error();
    auto id = Uuid::parse(options->id);
    if (!id)
        co_return invalid_argument("\"" + options->id + "\" is not the id of a job",
                                   "run: berth provisioner jobs list");
    auto target = of_provisioners(options->organization, "/provisionerjobs/").value(*id);
    auto job = co_await sdk::get<sdk::ProvisionerJob>(**client, target);
    if (!job) co_return job.error();
    auto sure = confirm(session, "Cancel this " + std::string(sdk::to_string(job->type)) + "?", options->yes);
    if (!sure) co_return sure.error();
    Result<void> done = Error(ErrorCode::unimplemented, "a job of this type cannot be canceled");
    if (job->type == sdk::ProvisionerJobType::workspace_build && job->input.workspace_build_id) {
        done = co_await (*client)->cancel_build(*job->input.workspace_build_id);
    } else if (job->type == sdk::ProvisionerJobType::template_version_import &&
               job->input.template_version_id) {
        done = co_await (*client)->cancel_template_version(*job->input.template_version_id);
    } else if (job->type == sdk::ProvisionerJobType::template_version_dry_run &&
               job->input.template_version_id) {
        auto dry_run = Target("/api/v2/templateversions/").value(*job->input.template_version_id);
        dry_run.path("/dry-run/").value(*id).path("/cancel");
        done = co_await sdk::perform(**client, http::Method::patch, dry_run);
    }
    if (!done) co_return done.error();
    session.note("The job is being canceled.\n");
    co_return Result<void>();
}

void add_organization(CLI::App* command, std::string& organization) {
    command->add_option("-O,--org", organization, "Organization")->envname("CODER_ORGANIZATION");
}

}  // namespace

void add_provisioner_list(Commands& commands, CLI::App& provisioner) {
    auto options = std::make_shared<DaemonListOptions>();
    auto* command = commands.add(provisioner, "list", "List daemons");
    command->alias("ls");
    options->output.add_to_list(command);
    add_organization(command, options->organization);
    command->add_option("-s,--status", options->statuses, "Only these: offline, idle, busy")
        ->delimiter(',')
        ->envname("CODER_PROVISIONER_LIST_STATUS");
    command->add_flag("-f,--show-offline", options->show_offline, "Also those not heard of for long")
        ->envname("CODER_PROVISIONER_SHOW_OFFLINE");
    command->add_option("-l,--limit", options->limit, "At most so many")
        ->envname("CODER_PROVISIONER_LIST_LIMIT");
    command->add_option("-m,--max-age", options->max_age, "Only those heard of within this duration, like 5m")
        ->envname("CODER_PROVISIONER_LIST_MAX_AGE");
    commands.on_run(command, [options](Session& session) { return list_daemons(session, options); });
}

void add_provisioner_keys(Commands& commands, CLI::App& provisioner) {
    auto* keys = commands.add(provisioner, "keys", "Keys that daemons log in with");
    keys->alias("key");
    keys->require_subcommand(1);
    auto creation = std::make_shared<KeyOptions>();
    auto* create_command = commands.add(*keys, "create", "Create a key and print it");
    create_command->add_option("name", creation->name, "Name of the key")->required();
    create_command
        ->add_option("-t,--tag", creation->tags,
                     "Tag of the key's daemons, as name=value; may be repeated, or several with commas")
        ->delimiter(',')
        ->envname("CODER_PROVISIONERD_TAGS");
    add_organization(create_command, creation->organization);
    commands.on_run(create_command, [creation](Session& session) { return create_key(session, creation); });

    auto listing = std::make_shared<KeyOptions>();
    auto* list_command = commands.add(*keys, "list", "List keys");
    list_command->alias("ls");
    listing->output.add_to_list(list_command);
    add_organization(list_command, listing->organization);
    commands.on_run(list_command, [listing](Session& session) { return list_keys(session, listing); });

    auto deletion = std::make_shared<KeyOptions>();
    auto* delete_command = commands.add(*keys, "delete", "Delete a key");
    delete_command->alias("rm");
    delete_command->add_option("name", deletion->name, "Name of the key")->required();
    delete_command->add_flag("-y,--yes", deletion->yes, "Do not ask");
    add_organization(delete_command, deletion->organization);
    commands.on_run(delete_command, [deletion](Session& session) { return delete_key(session, deletion); });
}

void add_provisioner_jobs(Commands& commands, CLI::App& provisioner) {
    auto* jobs = commands.add(provisioner, "jobs", "Jobs of the daemons");
    jobs->alias("job");
    jobs->require_subcommand(1);
    auto listing = std::make_shared<JobOptions>();
    auto* list_command = commands.add(*jobs, "list", "List jobs");
    list_command->alias("ls");
    listing->output.add_to_list(list_command);
    add_organization(list_command, listing->organization);
    list_command
        ->add_option("-s,--status", listing->statuses,
                     "Only these: pending, running, succeeded, canceling, canceled, failed")
        ->delimiter(',')
        ->envname("CODER_PROVISIONER_JOB_LIST_STATUS");
    list_command->add_option("-i,--initiator", listing->initiator, "Only of this user: an id, or me")
        ->envname("CODER_PROVISIONER_JOB_LIST_INITIATOR");
    list_command->add_option("-l,--limit", listing->limit, "At most so many")
        ->envname("CODER_PROVISIONER_JOB_LIST_LIMIT");
    commands.on_run(list_command, [listing](Session& session) { return list_jobs(session, listing); });

    auto cancelling = std::make_shared<JobOptions>();
    auto* cancel_command = commands.add(*jobs, "cancel", "Cancel a job");
    cancel_command->add_option("id", cancelling->id, "Id of the job")->required();
    cancel_command->add_flag("-y,--yes", cancelling->yes, "Do not ask");
    add_organization(cancel_command, cancelling->organization);
    commands.on_run(cancel_command,
                    [cancelling](Session& session) { return cancel_job(session, cancelling); });
}

void add_provisioner(Commands& commands) {
    auto* provisioner =
        commands.add(commands.root(), "provisioner", "Provisioner daemons outside the server");
    provisioner->alias("provisionerd");
    provisioner->alias("provisioners");
    provisioner->require_subcommand(1);
    add_provisioner_start(commands, *provisioner);
    add_provisioner_list(commands, *provisioner);
    add_provisioner_keys(commands, *provisioner);
    add_provisioner_jobs(commands, *provisioner);
}

}  // namespace berth::cli
