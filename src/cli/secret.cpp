#include "cli/command.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/table.h"
#include "sdk/client.h"

namespace berth::cli {
namespace {

struct SecretOptions {
    std::string name;
    /// "-" is standard input. A value is no option: arguments are visible to everybody on the machine.
    std::string value_file;
    std::string description;
    std::string env_name;
    std::string file_path;
    OutputFormat output;
};

/// From the file, a pipe, or asked for at the terminal.
Result<std::string> read_value(Session& session, const SecretOptions& options) {
    if (!options.value_file.empty() && options.value_file != "-") return read_input(options.value_file);
    if (options.value_file.empty() && session.interactive()) return prompt("Value: ", true);
    auto piped = read_input("-");
    if (!piped) return piped;
    // What `echo` adds.
    if (piped->ends_with('\n')) piped->pop_back();
    return piped;
}

asio::awaitable<Result<void>> create(Session& session, std::shared_ptr<SecretOptions> options) {
    auto client = session.client();
    if (!client) co_return client.error();
    auto value = read_value(session, *options);
    if (!value) co_return value.error();
    sdk::CreateUserSecretRequest request;
    request.name = options->name;
    request.description = options->description;
    request.env_name = options->env_name;
    request.file_path = options->file_path;
    request.value = std::move(*value);
    auto secret = co_await (*client)->create_user_secret("me", std::move(request));
    if (!secret) co_return secret.error();
    session.note("The secret " + secret->name + " is stored. Workspaces get it when they start next.\n");
    co_return Result<void>();
}

struct UpdateOptions {
    SecretOptions given;
    CLI::Option* description = nullptr;
    CLI::Option* env_name = nullptr;
    CLI::Option* file_path = nullptr;
    bool new_value = false;
};

asio::awaitable<Result<void>> update(Session& session, std::shared_ptr<UpdateOptions> options) {
    auto client = session.client();
    if (!client) co_return client.error();
    sdk::UpdateUserSecretRequest request;
    if (options->description->count() > 0) request.description = options->given.description;
    if (options->env_name->count() > 0) request.env_name = options->given.env_name;
    if (options->file_path->count() > 0) request.file_path = options->given.file_path;
    if (options->new_value || !options->given.value_file.empty()) {
        auto value = read_value(session, options->given);
        if (!value) co_return value.error();
        request.value = std::move(*value);
    }
    if (!request.description && !request.env_name && !request.file_path && !request.value)
        co_return invalid_argument("nothing to change",
                                   "give --value, --value-file, --description, --env or --file");
    auto secret = co_await (*client)->update_user_secret("me", options->given.name, std::move(request));
    if (!secret) co_return secret.error();
    session.note("The secret " + secret->name + " is changed.\n");
    co_return Result<void>();
}

asio::awaitable<Result<void>> list(Session& session, std::shared_ptr<SecretOptions> options) {
    auto client = session.client();
    if (!client) co_return client.error();
    auto secrets = co_await (*client)->user_secrets("me");
    if (!secrets) co_return secrets.error();
    if (options->output.json()) {
        session.print(json_text(*secrets));
        co_return Result<void>();
    }
    Table table({"NAME", "VARIABLE", "FILE", "UPDATED", "DESCRIPTION"});
    for (const auto& secret : *secrets)
        table.add({secret.name, secret.env_name, secret.file_path, time_ago(secret.updated_at),
                   secret.description});
    session.print(table.to_string());
    co_return Result<void>();
}

asio::awaitable<Result<void>> remove(Session& session, std::shared_ptr<SecretOptions> options) {
    auto client = session.client();
    if (!client) co_return client.error();
    auto removed = co_await (*client)->delete_user_secret("me", options->name);
    if (!removed) co_return removed.error();
    session.note("The secret is deleted. Running workspaces keep it until their agent starts next.\n");
    co_return Result<void>();
}

void add_value_file(CLI::App* command, SecretOptions& options) {
    command->add_option(
        "--value-file", options.value_file,
        "File with the value; - or nothing for standard input, which keeps it out of the history");
}

}  // namespace

void add_secret(Commands& commands) {
    auto* secret = commands.add(commands.root(), "secret", "Your secrets, which your workspaces get");
    secret->alias("secrets");
    secret->require_subcommand(1);

    auto creation = std::make_shared<SecretOptions>();
    auto* create_command = commands.add(*secret, "create", "Store a secret");
    create_command->add_option("name", creation->name, "Name")->required();
    add_value_file(create_command, *creation);
    create_command->add_option("--description", creation->description, "What it is for");
    create_command->add_option("--env", creation->env_name, "Variable that workspaces find it in");
    create_command->add_option("--file", creation->file_path, "File that workspaces find it in (~/…, /…)");
    commands.on_run(create_command, [creation](Session& session) { return create(session, creation); });

    auto change = std::make_shared<UpdateOptions>();
    auto* update_command = commands.add(*secret, "update", "Change a secret");
    update_command->add_option("name", change->given.name, "Name")->required();
    update_command->add_flag("--value", change->new_value, "Read a new value");
    add_value_file(update_command, change->given);
    change->description =
        update_command->add_option("--description", change->given.description, "What it is for");
    change->env_name =
        update_command->add_option("--env", change->given.env_name, "Variable; empty for none");
    change->file_path = update_command->add_option("--file", change->given.file_path, "File; empty for none");
    commands.on_run(update_command, [change](Session& session) { return update(session, change); });

    auto listing = std::make_shared<SecretOptions>();
    auto* list_command = commands.add(*secret, "list", "List secrets, without their values");
    list_command->alias("ls");
    listing->output.add_to(list_command);
    commands.on_run(list_command, [listing](Session& session) { return list(session, listing); });

    auto removal = std::make_shared<SecretOptions>();
    auto* remove_command = commands.add(*secret, "delete", "Delete a secret");
    remove_command->alias("rm");
    remove_command->alias("remove");
    remove_command->add_option("name", removal->name, "Name")->required();
    commands.on_run(remove_command, [removal](Session& session) { return remove(session, removal); });
}

}  // namespace berth::cli
