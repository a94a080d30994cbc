#include "cli/command.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/table.h"
#include "cli/workspace.h"

namespace berth::cli {
namespace {

struct LoginOptions {
    std::string url;
    bool use_token_as_session = false;
    std::string first_user_email;
    std::string first_user_username;
    std::string first_user_full_name;
    std::string first_user_password;
    bool first_user_trial = false;
};

/// "https://host" from "host/", so that the stored text is always a URL.
std::string normal_url(std::string url) {
    if (url.find("://") == std::string::npos) url = "https://" + url;
    while (url.ends_with('/'))
        url.pop_back();
    return url;
}

asio::awaitable<Result<std::string>> session_by_password(sdk::Client& client, std::string email,
                                                         std::string password) {
    sdk::LoginWithPasswordRequest request;
    request.email = std::move(email);
    request.password = std::move(password);
    auto login = co_await client.login(std::move(request));
    if (!login) co_return login.error();
    co_return login->session_token;
}

asio::awaitable<Result<std::string>> make_first_user(Session& session, sdk::Client& client,
                                                     std::shared_ptr<LoginOptions> options) {
    auto ask = [&session](std::string& value, const char* question, bool secret) -> Result<void> {
        if (!value.empty()) return {};
        if (!session.interactive())
            return invalid_argument(
                "the deployment has no users yet",
                "give --first-user-username, --first-user-email and --first-user-password");
        auto answer = prompt(question, secret);
        if (!answer) return answer.error();
        value = *answer;
        return {};
    };
    if (auto asked = ask(options->first_user_username, "Username of the first user: ", false); !asked)
        co_return asked.error();
    if (auto asked = ask(options->first_user_email, "Email: ", false); !asked) co_return asked.error();
    if (auto asked = ask(options->first_user_password, "Password: ", true); !asked) co_return asked.error();
    sdk::CreateFirstUserRequest request;
    request.username = options->first_user_username;
    request.email = options->first_user_email;
    request.name = options->first_user_full_name;
    request.password = options->first_user_password;
    auto created = co_await client.create_first_user(std::move(request));
    if (!created) co_return created.error();
    auto token =
        co_await session_by_password(client, options->first_user_email, options->first_user_password);
    co_return token;
}

asio::awaitable<Result<std::string>> ask_for_login(Session& session, sdk::Client& client) {
    if (!session.interactive())
        co_return invalid_argument("there is no terminal to ask for email and password at",
                                   "set CODER_URL and CODER_SESSION_TOKEN, or give --token");
    auto email = prompt("Email: ");
    if (!email) co_return email.error();
    auto password = prompt("Password: ", true);
    if (!password) co_return password.error();
    auto token = co_await session_by_password(client, std::move(*email), std::move(*password));
    co_return token;
}

asio::awaitable<Result<void>> login(Session& session, std::shared_ptr<LoginOptions> options) {
    std::string url = options->url;
    if (url.empty()) url = session.globals().url;
    if (url.empty()) url = session.config().url().value_or("");
    if (url.empty()) co_return invalid_argument("which deployment?", "run: berth login <url>");
    url = normal_url(url);
    auto client = session.anonymous_client(url);
    if (!client) co_return client.error();
    auto has_user = co_await (*client)->has_first_user();
    if (!has_user) co_return has_user.error();

    bool given = *has_user && !session.globals().token.empty();
    Result<std::string> token = session.globals().token;
    if (!*has_user) {
        token = co_await make_first_user(session, **client, options);
    } else if (!given) {
        token = co_await ask_for_login(session, **client);
    }
    if (!token) co_return token.error();
    (*client)->set_session_token(SecretString(*token));
    auto user = co_await (*client)->user("me");
    if (!user) co_return user.error();
    // A token from elsewhere stays that one's; the login gets a key that logout may delete.
    if (given && !options->use_token_as_session) {
        auto key = co_await (*client)->create_api_key("me");
        if (!key) co_return key.error();
        *token = key->key;
    }
    auto written = session.config().write_login(url, SecretString(*token));
    if (!written) co_return written.error();
    session.note("Welcome to berth, " + printable(user->username) + "! You are logged in to " + url + ".\n");
    co_return Result<void>();
}

asio::awaitable<Result<void>> logout(Session& session, std::shared_ptr<bool> yes) {
    auto client = session.client();
    if (!client) co_return client.error();
    auto sure = confirm(session, "Log out?", *yes);
    if (!sure) co_return sure.error();
    auto done = co_await (*client)->logout();
    if (!done && done.error().code() != ErrorCode::unauthenticated) co_return done.error();
    auto removed = session.config().remove_login();
    if (!removed) co_return removed.error();
    session.note("You are logged out.\n");
    co_return Result<void>();
}

asio::awaitable<Result<void>> whoami(Session& session, std::shared_ptr<OutputFormat> output) {
    auto client = session.client();
    if (!client) co_return client.error();
    auto user = co_await (*client)->user("me");
    if (!user) co_return user.error();
    if (output->json()) {
        session.print(json_text(*user));
        co_return Result<void>();
    }
    session.print("berth is running at " + (*client)->server().to_string() + ", you are authenticated as " +
                  printable(user->username) + ".\n");
    co_return Result<void>();
}

asio::awaitable<Result<void>> print_token(Session& session) {
    auto client = session.client();
    if (!client) co_return client.error();
    auto user = co_await (*client)->user("me");
    if (!user) co_return user.error();
    auto token = session.globals().token.empty() ? session.config().session().value_or(SecretString())
                                                 : SecretString(session.globals().token);
    session.print(token.reveal() + "\n");
    co_return Result<void>();
}

}  // namespace

void add_login(Commands& commands) {
    auto options = std::make_shared<LoginOptions>();
    auto* command = commands.add(commands.root(), "login", "Log in to a deployment");
    command->add_option("url", options->url, "URL of the deployment");
    command->add_flag("--use-token-as-session", options->use_token_as_session,
                      "Keep the given token instead of making a session of its own");
    command->add_option("--first-user-email", options->first_user_email, "Email of the first user")
        ->envname("CODER_FIRST_USER_EMAIL");
    command->add_option("--first-user-username", options->first_user_username, "Name of the first user")
        ->envname("CODER_FIRST_USER_USERNAME");
    command
        ->add_option("--first-user-full-name", options->first_user_full_name, "Full name of the first user")
        ->envname("CODER_FIRST_USER_FULL_NAME");
    command->add_option("--first-user-password", options->first_user_password, "Password of the first user")
        ->envname("CODER_FIRST_USER_PASSWORD");
    command->add_flag("--first-user-trial", options->first_user_trial, "Accepted for compatibility")
        ->envname("CODER_FIRST_USER_TRIAL");
    commands.on_run(command, [options](Session& session) { return login(session, options); });

    auto* token = commands.add(*command, "token", "Print the session token");
    commands.on_run(token, [](Session& session) { return print_token(session); });

    auto yes = std::make_shared<bool>(false);
    auto* out = commands.add(commands.root(), "logout", "Log out");
    out->add_flag("-y,--yes", *yes, "Do not ask");
    commands.on_run(out, [yes](Session& session) { return logout(session, yes); });

    auto output = std::make_shared<OutputFormat>();
    auto* who = commands.add(commands.root(), "whoami", "Show who is logged in");
    output->add_to(who);
    commands.on_run(who, [output](Session& session) { return whoami(session, output); });
}

}  // namespace berth::cli
