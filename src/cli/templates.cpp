#include "base/crypto.h"
#include "cli/archive.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/table.h"
#include "cli/template_variables.h"
#include "cli/templates.h"
#include "cli/workspace.h"
#include "coderd/templates/examples.h"
#include "provisioner/terraform/archive.h"

namespace berth::cli {

asio::awaitable<Result<sdk::Template>> find_template(sdk::Client& client, std::string organization,
                                                     std::string name) {
    auto found = co_await client.template_by_name(organization, name);
    if (!found && found.error().code() == ErrorCode::not_found)
        co_return not_found("there is no template \"" + name + "\"", "run: berth templates list");
    co_return found;
}

namespace {

// --- push

struct PushOptions {
    std::string name;
    std::string directory = ".";
    std::string organization = "default";
    std::string version_name;
    std::string message;
    VariableOptions variables;
    std::vector<std::string> tags;
    bool yes = false;
    bool activate = true;
    /// A template of this name must not exist.
    bool only_new = false;
};

Result<sdk::CreateTemplateVersionRequest> version_request(const PushOptions& options) {
    sdk::CreateTemplateVersionRequest request;
    request.name = options.version_name;
    request.message = options.message;
    request.storage_method = sdk::ProvisionerStorageMethod::file;
    request.provisioner = sdk::ProvisionerType::terraform;
    auto tags = parse_pairs(options.tags, "--provisioner-tag");
    if (!tags) return tags.error();
    for (auto& [name, value] : *tags)
        request.tags[name] = value;
    return request;
}

asio::awaitable<Result<void>> make_template(sdk::Client& client, std::shared_ptr<PushOptions> options,
                                            Uuid version) {
    sdk::CreateTemplateRequest request;
    request.name = options->name;
    request.template_version_id = version;
    auto created = co_await client.create_template(options->organization, std::move(request));
    if (!created) co_return created.error();
    co_return Result<void>();
}

/// The template to make a version of; nothing when it is to be made.
asio::awaitable<Result<std::optional<sdk::Template>>> find_existing(sdk::Client& client,
                                                                    std::shared_ptr<PushOptions> options) {
    auto existing = co_await client.template_by_name(options->organization, options->name);
    if (!existing && existing.error().code() == ErrorCode::not_found)
        co_return std::optional<sdk::Template>();
    if (!existing) co_return existing.error();
    if (options->only_new)
        co_return Error(ErrorCode::conflict, "there is a template \"" + options->name + "\" already",
                        "a new version of it: berth templates push " + options->name);
    co_return std::optional(std::move(*existing));
}

asio::awaitable<Result<void>> push(Session& session, std::shared_ptr<PushOptions> options) {
    auto client = session.client();
    if (!client) co_return client.error();
    auto request = version_request(*options);
    if (!request) co_return request.error();
    auto folder = std::filesystem::absolute(options->directory).lexically_normal();
    if (options->name.empty()) options->name = (folder / "").parent_path().filename().string();
    auto tar = pack_template(folder);
    if (!tar) co_return tar.error();
    auto found = co_await find_existing(**client, options);
    if (!found) co_return found.error();
    const auto& existing = *found;
    auto sure = confirm(session, "Upload " + folder.string() + " as template \"" + options->name + "\"?",
                        options->yes);
    if (!sure) co_return sure.error();
    std::optional<Uuid> active;
    if (existing) active = existing->active_version_id;
    auto values =
        co_await collect_variables(session, **client, options->variables, folder, active, options->yes);
    if (!values) co_return values.error();
    request->user_variable_values = std::move(*values);

    session.note("uploading " + std::to_string(tar->size() / 1024) + " KiB…\n");
    auto file = co_await (*client)->upload(std::move(*tar));
    if (!file) co_return file.error();
    request->file_id = file->hash;
    if (existing) request->template_id = existing->id;
    auto version = co_await (*client)->create_template_version(options->organization, std::move(*request));
    if (!version) co_return version.error();
    auto imported = co_await follow_import(session, **client, version->id);
    if (!imported) co_return imported.error();
    if (!existing) {
        auto made = co_await make_template(**client, options, version->id);
        if (!made) co_return made.error();
    } else if (options->activate) {
        auto active = co_await (*client)->update_active_version(existing->id, version->id);
        if (!active) co_return active.error();
    }
    session.note("Version " + printable(version->name) + " of template " + printable(options->name) +
                 " is ready" + (existing && !options->activate ? ", not active.\n" : ".\n"));
    co_return Result<void>();
}

CLI::App* add_upload(Commands& commands, CLI::App& templates, const std::string& name,
                     const std::string& description, std::shared_ptr<PushOptions> options) {
    auto* command = commands.add(templates, name, description);
    command->add_option("template", options->name, "Name of the template; that of the folder when not given");
    command->add_option("-d,--directory", options->directory, "Folder of the template")
        ->envname("CODER_TEMPLATE_DIRECTORY");
    command->add_option("-O,--org", options->organization, "Organization")->envname("CODER_ORGANIZATION");
    command->add_option("--name", options->version_name, "Name of the version");
    command->add_option("-m,--message", options->message, "What changed");
    options->variables.add_to(command);
    command->add_option("--provisioner-tag", options->tags,
                        "Tag a daemon must have, as name=value; may be repeated");
    command->add_flag("-y,--yes", options->yes, "Do not ask");
    commands.on_run(command, [options](Session& session) { return push(session, options); });
    return command;
}

void add_push(Commands& commands, CLI::App& templates) {
    auto options = std::make_shared<PushOptions>();
    auto* command = add_upload(commands, templates, "push",
                               "Upload a folder as a new version; makes the template if needed", options);
    command->add_flag("--activate,!--no-activate", options->activate, "Make the version the active one");
    auto fresh = std::make_shared<PushOptions>();
    fresh->only_new = true;
    add_upload(commands, templates, "create", "Upload a folder as a new template", fresh);
}

// --- list

asio::awaitable<Result<void>> list(Session& session, std::shared_ptr<OutputFormat> output) {
    auto client = session.client();
    if (!client) co_return client.error();
    auto templates = co_await (*client)->templates();
    if (!templates) co_return templates.error();
    if (output->json()) {
        session.print(json_text(*templates));
        co_return Result<void>();
    }
    if (templates->empty()) {
        session.note("No templates found. Make one: berth templates push\n");
        co_return Result<void>();
    }
    Table table({"NAME", "ORGANIZATION", "LAST UPDATED", "DEPRECATED"});
    for (const auto& row : *templates)
        table.add({row.name, row.organization_name, time_ago(row.updated_at), row.deprecated ? "yes" : ""});
    co_return output->print(session, table);
}

// --- init, pull

struct TargetOptions {
    std::string name;
    std::string directory;
    std::string version;
    std::string organization = "default";
    bool yes = false;
    bool tar = false;
    bool zip = false;
};

Result<void> unpack_into(const std::string& tar, const std::filesystem::path& folder) {
    std::error_code error;
    if (std::filesystem::exists(folder, error) && !std::filesystem::is_empty(folder, error))
        return Error(ErrorCode::conflict, folder.string() + " exists and is not empty");
    std::filesystem::create_directories(folder, error);
    if (error) return internal_error("cannot make " + folder.string(), error.message());
    return terraform::unpack_tar(tar, folder);
}

asio::awaitable<Result<void>> pull(Session& session, std::shared_ptr<TargetOptions> options) {
    auto client = session.client();
    if (!client) co_return client.error();
    auto found = co_await find_template(**client, options->organization, options->name);
    if (!found) co_return found.error();
    Result<sdk::TemplateVersion> version = not_found("no version");
    if (options->version.empty() || options->version == "active") {
        version = co_await (*client)->template_version(found->active_version_id);
    } else {
        version = co_await (*client)->template_version_by_name(found->id, options->version);
    }
    if (!version) co_return version.error();
    std::string format = options->zip ? "zip" : "";
    auto file = co_await (*client)->download(version->job.file_id, format);
    if (!file) co_return file.error();
    if (options->tar || options->zip) {
        session.print(file->data);
        co_return Result<void>();
    }
    std::string target = options->directory.empty() ? options->name : options->directory;
    auto unpacked = unpack_into(file->data, target);
    if (!unpacked) co_return unpacked.error();
    session.note("Version " + printable(version->name) + " is in " + target + ".\n");
    co_return Result<void>();
}

asio::awaitable<Result<void>> init(Session& session, std::shared_ptr<TargetOptions> options) {
    std::string names;
    for (const auto& example : coderd::list_examples())
        names += "  " + example.id + "\n";
    if (options->name.empty()) {
        session.print("Starter templates:\n" + names + "run: berth templates init --id <id> [directory]\n");
        co_return Result<void>();
    }
    auto archive = coderd::example_archive(options->name);
    if (!archive)
        co_return not_found("there is no starter template \"" + options->name + "\"", "there are:\n" + names);
    std::string target = options->directory.empty() ? options->name : options->directory;
    auto unpacked = unpack_into(*archive, target);
    if (!unpacked) co_return unpacked.error();
    session.note("The template is in " + target + ". Next: berth templates push -d " + target + "\n");
    co_return Result<void>();
}

// --- delete

struct DeleteOptions {
    std::vector<std::string> names;
    std::string organization = "default";
    bool yes = false;
};

asio::awaitable<Result<void>> remove(Session& session, std::shared_ptr<DeleteOptions> options) {
    auto client = session.client();
    if (!client) co_return client.error();
    for (const auto& name : options->names) {
        auto found = co_await find_template(**client, options->organization, name);
        if (!found) co_return found.error();
        auto sure = confirm(session, "Delete the template \"" + name + "\"?", options->yes);
        if (!sure) co_return sure.error();
        auto deleted = co_await (*client)->delete_template(found->id);
        if (!deleted) co_return deleted.error();
        session.note("The template " + printable(name) + " is deleted.\n");
    }
    co_return Result<void>();
}

void add_delete(Commands& commands, CLI::App& templates) {
    auto options = std::make_shared<DeleteOptions>();
    auto* command = commands.add(templates, "delete", "Delete templates");
    command->alias("rm");
    command->add_option("template", options->names, "Templates")->required();
    command->add_option("-O,--org", options->organization, "Organization");
    command->add_flag("-y,--yes", options->yes, "Do not ask");
    commands.on_run(command, [options](Session& session) { return remove(session, options); });
}

void add_pull(Commands& commands, CLI::App& templates) {
    auto options = std::make_shared<TargetOptions>();
    auto* command = commands.add(templates, "pull", "Download a template");
    command->add_option("template", options->name, "Template")->required();
    command->add_option("directory", options->directory, "Where to; a new folder");
    command->add_option("--version", options->version, "Version; the active one when not given");
    command->add_option("-O,--org", options->organization, "Organization");
    auto* tar = command->add_flag("--tar", options->tar, "Write a tar to standard output instead");
    command->add_flag("--zip", options->zip, "Write a zip to standard output instead")->excludes(tar);
    command->add_flag("-y,--yes", options->yes, "Do not ask");
    commands.on_run(command, [options](Session& session) { return pull(session, options); });
}

void add_init(Commands& commands, CLI::App& templates) {
    auto options = std::make_shared<TargetOptions>();
    auto* command = commands.add(templates, "init", "Start from an example");
    command->add_option("--id", options->name, "Example; lists them when not given");
    command->add_option("directory", options->directory, "Where to; a new folder");
    commands.on_run(command, [options](Session& session) { return init(session, options); });
}

}  // namespace

void add_templates(Commands& commands) {
    auto* templates = commands.add(commands.root(), "templates", "Manage templates");
    templates->alias("template");
    templates->require_subcommand(1);
    add_push(commands, *templates);
    auto output = std::make_shared<OutputFormat>();
    auto* list_command = commands.add(*templates, "list", "List templates");
    list_command->alias("ls");
    output->add_to_list(list_command);
    commands.on_run(list_command, [output](Session& session) { return list(session, output); });
    add_init(commands, *templates);
    add_pull(commands, *templates);
    add_template_versions(commands, *templates);
    add_template_archive(commands, *templates);
    add_template_edit(commands, *templates);
    add_delete(commands, *templates);
}

}  // namespace berth::cli
