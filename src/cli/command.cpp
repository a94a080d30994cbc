#include "cli/command.h"

#include "base/version.h"

namespace berth::cli {

Commands::Commands(Globals& globals) : app_("berth: self-hosted developer workspaces", "berth") {
    app_.require_subcommand(0, 1);
    app_.fallthrough();
    app_.set_version_flag("--version", std::string(base::version));
    app_.add_option("--url", globals.url, "URL of the deployment")->envname("CODER_URL");
    app_.add_option("--token", globals.token, "Session token; prefer the variable, which others cannot see")
        ->envname("CODER_SESSION_TOKEN");
    app_.add_option("--global-config", globals.config_dir, "Folder of the login and of the private database")
        ->envname("CODER_CONFIG_DIR");
    app_.add_option("--header", globals.headers, "Extra header \"name=value\" for each request")
        ->allow_extra_args(false)
        ->envname("CODER_HEADER");
    app_.add_option("--header-command", globals.header_command,
                    "Shell command whose output lines \"name=value\" become headers of each request")
        ->envname("CODER_HEADER_COMMAND");
    app_.add_flag("-v,--verbose", globals.verbose, "Show debug messages");
    app_.add_flag("--no-version-warning", globals.no_version_warning, "Accepted for compatibility")
        ->envname("CODER_NO_VERSION_WARNING");
    app_.add_flag("--no-feature-warning", globals.no_feature_warning, "Accepted for compatibility")
        ->envname("CODER_NO_FEATURE_WARNING");
}

CLI::App* Commands::add(CLI::App& parent, const std::string& name, const std::string& description) {
    auto* command = parent.add_subcommand(name, description);
    command->fallthrough();
    return command;
}

void Commands::on_run(CLI::App* command, Action action, std::size_t loops) {
    // What may be repeated takes one value each time, so that an argument may follow it.
    for (auto* option : command->get_options())
        if (!option->get_positional()) option->allow_extra_args(false);
    command->callback([this, loops, action = std::move(action)] {
        // The callbacks of parents run as well, after their children's: the innermost command wins.
        if (chosen_) return;
        chosen_ = action;
        loops_ = loops;
    });
}

}  // namespace berth::cli
