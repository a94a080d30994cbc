#include "base/time.h"
#include "cli/command.h"
#include "cli/templates.h"
#include "cli/workspace.h"

namespace berth::cli {
namespace {

/// Only what was given changes.
struct EditOptions {
    std::string name;
    std::string organization = "default";
    std::optional<std::string> new_name;
    std::optional<std::string> display_name;
    std::optional<std::string> description;
    std::optional<std::string> icon;
    std::optional<std::string> deprecated;
    std::optional<std::string> default_ttl;
    std::optional<std::string> activity_bump;
    std::optional<std::string> failure_ttl;
    std::optional<std::string> dormancy_threshold;
    std::optional<std::string> dormancy_auto_deletion;
    std::optional<bool> allow_cancel;
    std::optional<bool> allow_autostart;
    std::optional<bool> allow_autostop;
    std::optional<bool> require_active_version;
    std::optional<bool> terraform_cache;
    bool yes = false;
};

Result<void> set_duration(const std::optional<std::string>& text, std::string_view flag,
                          std::int64_t& milliseconds) {
    if (!text) return {};
    auto duration = base::parse_go_duration(*text);
    if (!duration || duration->count() < 0)
        return invalid_argument(std::string(flag) + " must be a duration like 8h, not \"" + *text + "\"");
    milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(*duration).count();
    return {};
}

/// The settings as they are, with what was given in their place: the server takes all of them.
Result<sdk::UpdateTemplateMeta> change(const sdk::Template& current, const EditOptions& options) {
    sdk::UpdateTemplateMeta meta;
    meta.name = options.new_name.value_or(current.name);
    meta.display_name = options.display_name.value_or(current.display_name);
    meta.description = options.description.value_or(current.description);
    meta.icon = options.icon.value_or(current.icon);
    meta.deprecation_message = options.deprecated.value_or(current.deprecation_message);
    meta.default_ttl_ms = current.default_ttl_ms;
    meta.activity_bump_ms = current.activity_bump_ms;
    meta.failure_ttl_ms = current.failure_ttl_ms;
    meta.time_til_dormant_ms = current.time_til_dormant_ms;
    meta.time_til_dormant_autodelete_ms = current.time_til_dormant_autodelete_ms;
    meta.autostop_requirement = current.autostop_requirement;
    meta.autostart_requirement = current.autostart_requirement;
    meta.allow_user_cancel_workspace_jobs =
        options.allow_cancel.value_or(current.allow_user_cancel_workspace_jobs);
    meta.allow_user_autostart = options.allow_autostart.value_or(current.allow_user_autostart);
    meta.allow_user_autostop = options.allow_autostop.value_or(current.allow_user_autostop);
    meta.require_active_version = options.require_active_version.value_or(current.require_active_version);
    meta.use_terraform_workspace_cache = options.terraform_cache;
    struct Row {
        const std::optional<std::string>& text;
        std::string_view flag;
        std::int64_t& value;
    };
    const Row rows[] = {
        {options.default_ttl, "--default-ttl", meta.default_ttl_ms},
        {options.activity_bump, "--activity-bump", meta.activity_bump_ms},
        {options.failure_ttl, "--failure-ttl", meta.failure_ttl_ms},
        {options.dormancy_threshold, "--dormancy-threshold", meta.time_til_dormant_ms},
        {options.dormancy_auto_deletion, "--dormancy-auto-deletion", meta.time_til_dormant_autodelete_ms},
    };
    for (const auto& row : rows)
        if (auto set = set_duration(row.text, row.flag, row.value); !set) return set.error();
    return meta;
}

asio::awaitable<Result<void>> edit(Session& session, std::shared_ptr<EditOptions> options) {
    auto client = session.client();
    if (!client) co_return client.error();
    auto found = co_await find_template(**client, options->organization, options->name);
    if (!found) co_return found.error();
    auto meta = change(*found, *options);
    if (!meta) co_return meta.error();
    auto sure =
        confirm(session, "Change the settings of the template \"" + options->name + "\"?", options->yes);
    if (!sure) co_return sure.error();
    auto updated = co_await (*client)->update_template(found->id, std::move(*meta));
    // The server says so when everything is as it was.
    if (!updated && updated.error().code() != ErrorCode::failed_precondition) co_return updated.error();
    session.note(updated ? "The template is changed.\n" : "There is nothing to change.\n");
    co_return Result<void>();
}

/// In Go's notation: alone it means true, and --name=false the opposite.
void add_switch(CLI::App& command, const std::string& name, std::optional<bool>& target,
                const std::string& description) {
    command.add_flag_function(
        name, [&target](std::int64_t count) { target = count > 0; }, description);
}

}  // namespace

void add_template_edit(Commands& commands, CLI::App& templates) {
    auto options = std::make_shared<EditOptions>();
    auto* command = commands.add(templates, "edit", "Change the settings of a template");
    command->add_option("template", options->name, "Template")->required();
    command->add_option("-O,--org", options->organization, "Organization");
    command->add_option("--name", options->new_name, "New name");
    command->add_option("--display-name", options->display_name, "Name for people");
    command->add_option("--description", options->description, "Description");
    command->add_option("--icon", options->icon, "Path or URL of an icon");
    command->add_option("--deprecated", options->deprecated, "Why it should not be used; empty when it may");
    command->add_option("--default-ttl", options->default_ttl,
                        "Workspaces stop after this long (8h); 0 for never");
    command->add_option("--activity-bump", options->activity_bump, "How far activity moves the stop");
    command->add_option("--failure-ttl", options->failure_ttl, "Stop after a failed start");
    command->add_option("--dormancy-threshold", options->dormancy_threshold,
                        "Dormant when unused for this long");
    command->add_option("--dormancy-auto-deletion", options->dormancy_auto_deletion,
                        "Deleted when dormant for this long");
    add_switch(*command, "--allow-user-cancel-workspace-jobs", options->allow_cancel,
               "Users may cancel builds");
    add_switch(*command, "--allow-user-autostart", options->allow_autostart,
               "Users may set when workspaces start");
    add_switch(*command, "--allow-user-autostop", options->allow_autostop,
               "Users may set when workspaces stop");
    add_switch(*command, "--require-active-version", options->require_active_version,
               "Builds use the active version");
    add_switch(
        *command, "--use-terraform-workspace-cache", options->terraform_cache,
        "Builds start from a folder in which terraform init is done, where daemons have the experiment "
        "terraform-directory-reuse");
    command->add_flag("-y,--yes", options->yes, "Do not ask");
    commands.on_run(command, [options](Session& session) { return edit(session, options); });
}

}  // namespace berth::cli
