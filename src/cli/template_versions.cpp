#include "cli/command.h"
#include "cli/output.h"
#include "cli/table.h"
#include "cli/templates.h"
#include "cli/workspace.h"
#include "sdk/client_call.h"

namespace berth::cli {
namespace {

struct VersionsOptions {
    OutputFormat output;
    std::string name;
    std::string version;
    std::vector<std::string> versions;
    std::string organization = "default";
    bool include_archived = false;
    bool all = false;
    bool yes = false;
};

asio::awaitable<Result<void>> list_versions(Session& session, std::shared_ptr<VersionsOptions> options) {
    auto client = session.client();
    if (!client) co_return client.error();
    auto found = co_await find_template(**client, options->organization, options->name);
    if (!found) co_return found.error();
    auto target = sdk::Target("/api/v2/templates/").value(found->id).path("/versions");
    if (options->include_archived) target.query("include_archived", "true");
    auto versions = co_await sdk::get<std::vector<sdk::TemplateVersion>>(**client, target);
    if (!versions) co_return versions.error();
    if (options->output.json()) {
        session.print(json_text(*versions));
        co_return Result<void>();
    }
    Table table({"NAME", "CREATED", "BY", "STATUS", "ACTIVE"});
    for (const auto& version : *versions)
        table.add({version.name, time_ago(version.created_at), version.created_by.username,
                   std::string(sdk::to_string(version.job.status)),
                   version.id == found->active_version_id ? "active"
                   : version.archived                     ? "archived"
                                                          : ""});
    co_return options->output.print(session, table);
}

asio::awaitable<Result<void>> promote(Session& session, std::shared_ptr<VersionsOptions> options) {
    auto client = session.client();
    if (!client) co_return client.error();
    auto found = co_await find_template(**client, options->organization, options->name);
    if (!found) co_return found.error();
    auto version = co_await (*client)->template_version_by_name(found->id, options->version);
    if (!version) co_return version.error();
    auto active = co_await (*client)->update_active_version(found->id, version->id);
    if (!active) co_return active.error();
    session.note("Version " + printable(version->name) + " is active.\n");
    co_return Result<void>();
}

/// One version after the other; `what` is "archive" or "unarchive".
asio::awaitable<Result<void>> archive_versions(Session& session, std::shared_ptr<VersionsOptions> options,
                                               std::string what) {
    auto client = session.client();
    if (!client) co_return client.error();
    auto found = co_await find_template(**client, options->organization, options->name);
    if (!found) co_return found.error();
    std::string count = std::to_string(options->versions.size());
    auto sure = confirm(session, "Really " + what + " " + count + " versions of \"" + options->name + "\"?",
                        options->yes);
    if (!sure) co_return sure.error();
    for (const auto& name : options->versions) {
        auto version = co_await (*client)->template_version_by_name(found->id, name);
        if (!version) co_return version.error().wrap("version \"" + name + "\"");
        auto target = sdk::Target("/api/v2/templateversions/").value(version->id).path("/" + what);
        auto done = co_await sdk::perform(**client, http::Method::post, target);
        if (!done) co_return done.error();
        session.note("Version " + printable(name) + " is " + what + "d.\n");
    }
    co_return Result<void>();
}

asio::awaitable<Result<void>> archive_unused(Session& session, std::shared_ptr<VersionsOptions> options) {
    auto client = session.client();
    if (!client) co_return client.error();
    for (const auto& name : options->versions) {
        auto found = co_await find_template(**client, options->organization, name);
        if (!found) co_return found.error();
        auto sure = confirm(session, "Archive the unused versions of \"" + name + "\"?", options->yes);
        if (!sure) co_return sure.error();
        sdk::ArchiveTemplateVersionsRequest request;
        request.all = options->all;
        auto target = sdk::Target("/api/v2/templates/").value(found->id).path("/versions/archive");
        auto archived = co_await sdk::fetch<sdk::ArchiveTemplateVersionsResponse>(
            **client, http::Method::post, target, sdk::encode(request));
        if (!archived) co_return archived.error();
        session.note(std::to_string(archived->archived_ids.size()) + " versions of " + printable(name) +
                     " are archived.\n");
    }
    co_return Result<void>();
}

void add_archiving(Commands& commands, CLI::App& versions, const std::string& name,
                   const std::string& description) {
    auto options = std::make_shared<VersionsOptions>();
    auto* command = commands.add(versions, name, description);
    command->add_option("template", options->name, "Template")->required();
    command->add_option("version", options->versions, "Versions")->required();
    command->add_option("-O,--org", options->organization, "Organization");
    command->add_flag("-y,--yes", options->yes, "Do not ask");
    commands.on_run(command,
                    [options, name](Session& session) { return archive_versions(session, options, name); });
}

}  // namespace

void add_template_versions(Commands& commands, CLI::App& templates) {
    auto* versions = commands.add(templates, "versions", "Versions of a template");
    versions->require_subcommand(1);
    auto listing = std::make_shared<VersionsOptions>();
    auto* list_command = commands.add(*versions, "list", "List versions");
    listing->output.add_to_list(list_command);
    list_command->add_option("template", listing->name, "Template")->required();
    list_command->add_option("-O,--org", listing->organization, "Organization");
    list_command->add_flag("--include-archived", listing->include_archived, "Also archived versions");
    commands.on_run(list_command, [listing](Session& session) { return list_versions(session, listing); });

    auto promotion = std::make_shared<VersionsOptions>();
    auto* promote_command = commands.add(*versions, "promote", "Make a version the active one");
    promote_command->add_option("-t,--template", promotion->name, "Template")->required();
    promote_command->add_option("--template-version", promotion->version, "Version")->required();
    promote_command->add_option("-O,--org", promotion->organization, "Organization");
    commands.on_run(promote_command, [promotion](Session& session) { return promote(session, promotion); });
    add_archiving(commands, *versions, "archive", "Hide versions");
    add_archiving(commands, *versions, "unarchive", "Bring versions back");
}

void add_template_archive(Commands& commands, CLI::App& templates) {
    auto options = std::make_shared<VersionsOptions>();
    auto* command = commands.add(templates, "archive", "Hide the versions that failed, or that nothing uses");
    command->add_option("template", options->versions, "Templates")->required();
    command->add_flag("--all", options->all, "Also unused versions that did not fail");
    command->add_option("-O,--org", options->organization, "Organization");
    command->add_flag("-y,--yes", options->yes, "Do not ask");
    commands.on_run(command, [options](Session& session) { return archive_unused(session, options); });
}

}  // namespace berth::cli
