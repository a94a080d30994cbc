#include "cli/command.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/table.h"
#include "sdk/client.h"

namespace berth::cli {
namespace {

struct TokenCreateOptions {
    std::string name;
    std::string lifetime;
    std::string user = "me";
    std::vector<std::string> scopes;
};

asio::awaitable<Result<void>> create(Session& session, std::shared_ptr<TokenCreateOptions> options) {
    auto client = session.client();
    if (!client) co_return client.error();
    sdk::CreateTokenRequest request;
    request.token_name = options->name;
    request.scopes = options->scopes;
    if (!options->lifetime.empty()) {
        auto lifetime = base::parse_go_duration(options->lifetime);
        if (!lifetime) co_return invalid_argument("--lifetime must be a duration like 720h");
        request.lifetime = *lifetime;
    }
    auto token = co_await (*client)->create_token(options->user, std::move(request));
    if (!token) co_return token.error();
    session.print(token->key + "\n");
    co_return Result<void>();
}

struct TokenListOptions {
    OutputFormat output;
    bool all = false;
};

asio::awaitable<Result<void>> list(Session& session, std::shared_ptr<TokenListOptions> options) {
    auto client = session.client();
    if (!client) co_return client.error();
    auto tokens = co_await (*client)->tokens("me", options->all);
    if (!tokens) co_return tokens.error();
    if (options->output.json()) {
        session.print(json_text(*tokens));
        co_return Result<void>();
    }
    Table table({"ID", "NAME", "LAST USED", "EXPIRES", "CREATED"});
    for (const auto& token : *tokens)
        table.add({token.id, token.token_name, time_ago(token.last_used),
                   base::format_rfc3339(token.expires_at), time_ago(token.created_at)});
    co_return options->output.print(session, table);
}

asio::awaitable<Result<void>> remove(Session& session, std::shared_ptr<std::string> name) {
    auto client = session.client();
    if (!client) co_return client.error();
    // By name first: an id has no meaning to people.
    std::string id = *name;
    auto named = co_await (*client)->token_by_name("me", *name);
    if (named) id = named->id;
    if (!named && named.error().code() != ErrorCode::not_found) co_return named.error();
    auto removed = co_await (*client)->delete_api_key("me", id);
    if (!removed) co_return removed.error();
    session.note("The token is deleted.\n");
    co_return Result<void>();
}

}  // namespace

void add_tokens(Commands& commands) {
    auto* tokens = commands.add(commands.root(), "tokens", "Manage your API tokens");
    tokens->require_subcommand(1);

    auto creation = std::make_shared<TokenCreateOptions>();
    auto* create_command = commands.add(*tokens, "create", "Create a token and print it");
    create_command->add_option("-n,--name", creation->name, "Name of the token")->envname("CODER_TOKEN_NAME");
    create_command->add_option("--lifetime", creation->lifetime, "How long it lives (720h)")
        ->envname("CODER_TOKEN_LIFETIME");
    create_command->add_option("-u,--user", creation->user, "For this user")->envname("CODER_TOKEN_USER");
    create_command->add_option("--scope", creation->scopes, "Limit what it may do; may be repeated");
    commands.on_run(create_command, [creation](Session& session) { return create(session, creation); });

    auto listing = std::make_shared<TokenListOptions>();
    auto* list_command = commands.add(*tokens, "list", "List tokens");
    list_command->alias("ls");
    listing->output.add_to_list(list_command);
    list_command->add_flag("-a,--all", listing->all, "Of all users");
    commands.on_run(list_command, [listing](Session& session) { return list(session, listing); });

    auto name = std::make_shared<std::string>();
    auto* remove_command = commands.add(*tokens, "remove", "Delete a token");
    remove_command->alias("rm");
    remove_command->alias("delete");
    remove_command->add_option("name", *name, "Name or id of the token")->required();
    commands.on_run(remove_command, [name](Session& session) { return remove(session, name); });
}

}  // namespace berth::cli
