#include "cli/commands.h"

#include "cli/command.h"

namespace berth::cli {

void add_all(Commands& commands) {
    add_server(commands);
    add_provisioner(commands);
    add_agent(commands);
    add_login(commands);
    add_version(commands);
    add_templates(commands);
    add_create(commands);
    add_list(commands);
    add_show(commands);
    add_workspace_marks(commands);
    add_builds(commands);
    add_state(commands);
    add_logs(commands);
    add_ssh(commands);
    add_config_ssh(commands);
    add_stat(commands);
    add_tokens(commands);
    add_secret(commands);
}

}  // namespace berth::cli
