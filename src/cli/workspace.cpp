#include "cli/workspace.h"

#include "base/clock.h"
#include "base/text.h"
#include "cli/table.h"
#include "cli/workspace_name.h"

namespace berth::cli {
namespace {

/// Prints stages as headings and lines below them.
class LogPrinter {
public:
    explicit LogPrinter(Session& session) : session_(session) {}

    void print(const sdk::ProvisionerJobLog& log) {
        if (log.stage != stage_) {
            stage_ = log.stage;
            session_.note("==> " + printable(stage_) + "\n");
        }
        bool notable = log.log_level == sdk::LogLevel::error || log.log_level == sdk::LogLevel::warn;
        for (auto line : base::split(log.output, '\n'))
            session_.note((notable ? "  ! " : "    ") + printable(line) + "\n");
    }

private:
    Session& session_;
    std::string stage_;
};

asio::awaitable<Result<void>> print_all(Session& session, sdk::JobLogReader reader) {
    LogPrinter printer(session);
    while (true) {
        auto log = co_await reader.next();
        if (!log) co_return log.error();
        if (!*log) co_return Result<void>();
        printer.print(**log);
    }
}

Result<void> outcome(const sdk::ProvisionerJob& job, const std::string& what) {
    switch (job.status) {
        case sdk::ProvisionerJobStatus::succeeded:
            return {};
        case sdk::ProvisionerJobStatus::canceled:
            return Error(ErrorCode::failed_precondition, what + " was canceled");
        default:
            break;
    }
    auto detail = printable(job.error);
    if (job.error_code == sdk::JobErrorCode::required_template_variables)
        detail += "\ngive --variable name=value, or --variables-file";
    return Error(ErrorCode::failed_precondition, what + " failed", detail);
}

/// What to tell the waiting person; nothing once the agent can be used.
std::string reason_to_wait(const sdk::WorkspaceAgent& agent, WaitForScripts scripts) {
    if (agent.status == sdk::WorkspaceAgentStatus::connecting) return "waiting for the agent to connect";
    if (agent.status == sdk::WorkspaceAgentStatus::timeout)
        return "the agent is taking long to connect; still waiting";
    if (agent.status == sdk::WorkspaceAgentStatus::disconnected)
        return "the agent lost its connection; waiting";
    bool blocks = scripts == WaitForScripts::all ||
                  std::any_of(agent.scripts.begin(), agent.scripts.end(), [](const auto& script) {
                      return script.start_blocks_login && script.run_on_start;
                  });
    bool starting = agent.lifecycle_state == sdk::WorkspaceAgentLifecycle::created ||
                    agent.lifecycle_state == sdk::WorkspaceAgentLifecycle::starting;
    if (scripts != WaitForScripts::none && blocks && starting) return "waiting for the startup script";
    return "";
}

}  // namespace

asio::awaitable<Result<sdk::Workspace>> find_workspace(sdk::Client& client, std::string name) {
    auto parsed = WorkspaceName::parse(name);
    if (!parsed) co_return parsed.error();
    auto workspace = co_await client.workspace_by_name(parsed->owner, parsed->workspace);
    if (!workspace && workspace.error().code() == ErrorCode::not_found)
        co_return not_found("there is no workspace \"" + name + "\"", "run: berth list");
    co_return workspace;
}

Result<sdk::WorkspaceAgent> find_agent(const sdk::Workspace& workspace, const std::string& name) {
    std::vector<const sdk::WorkspaceAgent*> agents;
    std::string names;
    for (const auto& resource : workspace.latest_build.resources) {
        for (const auto& agent : resource.agents) {
            if (agent.parent_id && name.empty()) continue;
            names += (names.empty() ? "" : ", ") + agent.name;
            if (name.empty() || agent.name == name) agents.push_back(&agent);
        }
    }
    if (agents.size() == 1) return *agents.front();
    if (agents.empty() && names.empty())
        return Error(ErrorCode::failed_precondition, "the workspace has no agents",
                     "is it running? run: berth start " + workspace.name);
    if (agents.empty()) return not_found("there is no agent \"" + name + "\"", "agents: " + names);
    return invalid_argument("the workspace has several agents",
                            "write " + workspace.name + ".AGENT; agents: " + names);
}

bool is_under_way(sdk::ProvisionerJobStatus status) {
    return status == sdk::ProvisionerJobStatus::pending || status == sdk::ProvisionerJobStatus::running ||
           status == sdk::ProvisionerJobStatus::canceling;
}

asio::awaitable<Result<void>> follow_build(Session& session, sdk::Client& client, Uuid build) {
    auto printed = co_await print_all(session, client.follow_build_logs(build));
    if (!printed) co_return printed.error();
    auto done = co_await client.build(build);
    if (!done) co_return done.error();
    co_return outcome(done->job, "the build");
}

asio::awaitable<Result<void>> build_and_follow(Session& session, sdk::Client& client, Uuid workspace,
                                               sdk::CreateWorkspaceBuildRequest request) {
    if (request.reason == sdk::CreateWorkspaceBuildReason::unset)
        request.reason = sdk::CreateWorkspaceBuildReason::cli;
    auto build = co_await client.create_build(workspace, std::move(request));
    if (!build) co_return build.error();
    auto done = co_await follow_build(session, client, build->id);
    co_return done;
}

asio::awaitable<Result<void>> follow_import(Session& session, sdk::Client& client, Uuid version) {
    auto printed = co_await print_all(session, client.follow_template_version_logs(version));
    if (!printed) co_return printed.error();
    auto done = co_await client.template_version(version);
    if (!done) co_return done.error();
    co_return outcome(done->job, "the import");
}

asio::awaitable<Result<sdk::WorkspaceAgent>> wait_for_agent(Session& session, sdk::Client& client,
                                                            sdk::Workspace workspace, std::string agent,
                                                            WaitForScripts scripts) {
    std::string told;
    while (true) {
        auto found = find_agent(workspace, agent);
        if (!found) co_return found.error();
        auto reason = reason_to_wait(*found, scripts);
        if (reason.empty()) co_return found;
        if (reason != told) session.note(reason + "…\n");
        told = reason;
        co_await base::system_clock().sleep(std::chrono::milliseconds(300));
        auto again = co_await client.workspace(workspace.id);
        if (!again) co_return again.error();
        workspace = std::move(*again);
        if (workspace.latest_build.transition != sdk::WorkspaceTransition::start)
            co_return Error(ErrorCode::failed_precondition, "the workspace was stopped meanwhile");
    }
}

Result<std::vector<std::pair<std::string, std::string>>> parse_pairs(const std::vector<std::string>& texts,
                                                                     std::string_view flag) {
    std::vector<std::pair<std::string, std::string>> pairs;
    for (const auto& text : texts) {
        auto equals = text.find('=');
        if (equals == 0 || equals == std::string::npos)
            return invalid_argument(std::string(flag) + " wants name=value, not \"" + text + "\"");
        auto name = text.substr(0, equals);
        for (const auto& pair : pairs)
            if (pair.first == name)
                return invalid_argument(std::string(flag) + " gives \"" + name + "\" twice");
        pairs.emplace_back(std::move(name), text.substr(equals + 1));
    }
    return pairs;
}

Result<void> confirm(Session& session, const std::string& question, bool yes) {
    if (yes) return {};
    if (!session.interactive())
        return invalid_argument("this needs a confirmation, and there is no terminal to ask at", "add --yes");
    auto answer = prompt(question + " (yes/no) ");
    if (!answer) return answer.error();
    if (*answer == "yes" || *answer == "y") return {};
    return cancelled("nothing was done");
}

}  // namespace berth::cli
