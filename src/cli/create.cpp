#include "cli/command.h"
#include "cli/commands.h"
#include "cli/parameters.h"
#include "cli/table.h"
#include "cli/workspace.h"
#include "cli/workspace_name.h"

namespace berth::cli {
namespace {

struct CreateOptions {
    std::string name;
    std::string template_name;
    std::string template_version;
    std::string preset;
    std::string organization = "default";
    std::string start_at;
    std::string stop_after;
    std::vector<std::string> parameters;
    bool use_defaults = false;
    bool yes = false;
};

asio::awaitable<Result<std::string>> choose_template(Session& session, sdk::Client& client) {
    auto templates = co_await client.templates();
    if (!templates) co_return templates.error();
    std::string names;
    for (const auto& row : *templates)
        names += "  " + printable(row.name) + "\n";
    if (!session.interactive()) co_return invalid_argument("--template is required", "templates:\n" + names);
    session.note("Templates:\n" + names);
    auto answer = prompt("Template: ");
    co_return answer;
}

/// Values from the command line; on a terminal, the rest is asked for.
asio::awaitable<Result<ParameterValues>> collect_parameters(Session& session, sdk::Client& client,
                                                            std::shared_ptr<CreateOptions> options,
                                                            Uuid version, ParameterValues preset) {
    auto values = parse_parameters(options->parameters);
    if (!values || options->yes) co_return values;
    auto which = options->use_defaults || !options->preset.empty() ? Ask::required : Ask::all;
    auto asked = co_await ask_for_parameters(session, client, version, which, preset, *values);
    if (!asked) co_return asked.error();
    co_return values;
}

asio::awaitable<Result<sdk::Preset>> find_preset(sdk::Client& client, Uuid version, std::string name) {
    if (name.empty() || name == "none") co_return sdk::Preset();
    auto presets = co_await client.presets(version);
    if (!presets) co_return presets.error();
    std::string names;
    for (const auto& preset : *presets) {
        if (preset.name == name) co_return preset;
        names += (names.empty() ? "" : ", ") + printable(preset.name);
    }
    co_return not_found("there is no preset \"" + name + "\"", "presets: " + names);
}

asio::awaitable<Result<sdk::CreateWorkspaceRequest>> make_request(Session& session, sdk::Client& client,
                                                                  std::shared_ptr<CreateOptions> options) {
    auto found = co_await client.template_by_name(options->organization, options->template_name);
    if (!found && found.error().code() == ErrorCode::not_found)
        co_return not_found("there is no template \"" + options->template_name + "\"",
                            "run: berth templates list");
    if (!found) co_return found.error();
    Uuid version = found->active_version_id;
    sdk::CreateWorkspaceRequest request;
    if (options->template_version.empty()) {
        request.template_id = found->id;
    } else {
        auto named = co_await client.template_version_by_name(found->id, options->template_version);
        if (!named) co_return named.error();
        version = named->id;
        request.template_version_id = version;
    }
    auto preset = co_await find_preset(client, version, options->preset);
    if (!preset) co_return preset.error();
    request.template_version_preset_id = preset->id;
    ParameterValues preset_values;
    for (const auto& parameter : preset->parameters)
        preset_values.push_back({parameter.name, parameter.value});
    auto parameters =
        co_await collect_parameters(session, client, options, version, std::move(preset_values));
    if (!parameters) co_return parameters.error();
    request.rich_parameter_values = std::move(*parameters);
    if (!options->stop_after.empty()) {
        auto duration = base::parse_go_duration(options->stop_after);
        if (!duration) co_return invalid_argument("--stop-after must be a duration like 8h");
        request.ttl_ms = std::chrono::duration_cast<std::chrono::milliseconds>(*duration).count();
    }
    if (!options->start_at.empty()) request.autostart_schedule = options->start_at;
    co_return request;
}

asio::awaitable<Result<void>> create(Session& session, std::shared_ptr<CreateOptions> options) {
    auto client = session.client();
    if (!client) co_return client.error();
    auto name = WorkspaceName::parse(options->name);
    if (!name) co_return name.error();
    if (options->template_name.empty()) {
        auto chosen = co_await choose_template(session, **client);
        if (!chosen) co_return chosen.error();
        options->template_name = *chosen;
    }
    auto request = co_await make_request(session, **client, options);
    if (!request) co_return request.error();
    request->name = name->workspace;
    auto sure = confirm(session, "Create the workspace \"" + name->workspace + "\"?", options->yes);
    if (!sure) co_return sure.error();
    auto workspace = co_await (*client)->create_workspace(name->owner, std::move(*request));
    if (!workspace) co_return workspace.error();
    auto built = co_await follow_build(session, **client, workspace->latest_build.id);
    if (!built) co_return built.error();
    session.note("The workspace " + printable(workspace->name) + " is running.\n");
    co_return Result<void>();
}

}  // namespace

void add_create(Commands& commands) {
    auto options = std::make_shared<CreateOptions>();
    auto* command = commands.add(commands.root(), "create", "Create a workspace");
    command->add_option("name", options->name, "Name, or owner/name")->required();
    command->add_option("-t,--template", options->template_name, "Template")->envname("CODER_TEMPLATE_NAME");
    command
        ->add_option("--template-version", options->template_version,
                     "Version; the active one when not given")
        ->envname("CODER_TEMPLATE_VERSION");
    command->add_option("--preset", options->preset, "Preset of parameters")->envname("CODER_PRESET_NAME");
    command->add_option("-O,--org", options->organization, "Organization")->envname("CODER_ORGANIZATION");
    command->add_option("--parameter", options->parameters, "Parameter as name=value; may be repeated")
        ->envname("CODER_RICH_PARAMETER");
    command->add_option("--start-at", options->start_at, "Schedule to start at (cron)")
        ->envname("CODER_WORKSPACE_START_AT");
    command->add_option("--stop-after", options->stop_after, "Stop after this long (8h)")
        ->envname("CODER_WORKSPACE_STOP_AFTER");
    command->add_flag("--use-parameter-defaults", options->use_defaults,
                      "Do not ask for parameters with a default");
    command->add_flag("-y,--yes", options->yes, "Do not ask");
    commands.on_run(command, [options](Session& session) { return create(session, options); });
}

}  // namespace berth::cli
