#pragma once

namespace berth::cli {

class Commands;

// One per file of this folder.
void add_server(Commands& commands);
void add_provisioner(Commands& commands);
void add_agent(Commands& commands);
void add_login(Commands& commands);
void add_version(Commands& commands);
void add_templates(Commands& commands);
void add_create(Commands& commands);
void add_list(Commands& commands);
void add_show(Commands& commands);
void add_workspace_marks(Commands& commands);
void add_builds(Commands& commands);
void add_state(Commands& commands);
void add_logs(Commands& commands);
void add_ssh(Commands& commands);
void add_config_ssh(Commands& commands);
void add_stat(Commands& commands);
void add_tokens(Commands& commands);
void add_secret(Commands& commands);

void add_all(Commands& commands);

}  // namespace berth::cli
