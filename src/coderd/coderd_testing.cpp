#include "coderd/coderd_testing.h"

#include <gtest/gtest.h>

#include "base/crypto.h"
#include "coderd/users/api_key.h"

namespace berth::coderd::testing {
namespace {

using db::testing::quoted;

std::string hex(std::string_view bytes) {
    constexpr char digits[] = "0123456789abcdef";
    std::string text;
    for (unsigned char byte : bytes) {
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

asio::awaitable<http::Response> handle(Dispatcher& dispatcher, http::Request& request) {
    auto response = co_await dispatcher.handle(request);
    co_return response;
}

}  // namespace

std::string Answer::message() const { return (*this)["message"]; }

std::string Answer::bad_fields() const {
    std::string names;
    if (!json.is_object()) return names;
    const auto* list = json.as_object().if_contains("validations");
    if (list == nullptr || !list->is_array()) return names;
    for (const auto& item : list->as_array())
        names += (names.empty() ? "" : ",") + std::string(item.at("field").as_string());
    return names;
}

std::string Answer::operator[](std::string_view name) const {
    if (!json.is_object()) return {};
    const auto* member = json.as_object().if_contains(boost::json::string_view(name.data(), name.size()));
    return member != nullptr && member->is_string() ? std::string(member->as_string()) : std::string();
}

Api::Api() : authenticator(std::make_unique<StoreAuthenticator>(context)) {
    sessions.register_routes(routes);
    users.register_routes(routes);
    api_keys.register_routes(routes);
    user_secrets.register_routes(routes);
    organizations.register_routes(routes);
    deployment.register_routes(routes);
    downloads.register_routes(routes);
    templates.register_routes(routes);
    template_versions.register_routes(routes);
    parameters.register_routes(routes);
    workspaces.register_routes(routes);
    builds.register_routes(routes);
    agents.register_routes(routes);
    documents.register_routes(routes);
    dispatcher = std::make_unique<Dispatcher>(routes, *authenticator, base::Logger("test"));
    owner = Person{user, "ada", add_token(user)};
}

Answer Api::send(http::Request request) {
    auto response = runtime.run(handle(*dispatcher, request));
    Answer answer;
    answer.status = response.status;
    answer.headers = response.headers;
    if (const auto* text = std::get_if<std::string>(&response.body)) answer.text = *text;
    boost::system::error_code error;
    answer.json = boost::json::parse(answer.text, error);
    if (error) answer.json = nullptr;
    return answer;
}

Answer Api::call(http::Method method, const std::string& target, const std::string& token,
                 const std::string& body) {
    http::Request request;
    request.method = method;
    request.target = target;
    auto question = target.find('?');
    request.path = target.substr(0, question);
    if (question != std::string::npos) request.query = *http::Query::parse(target.substr(question + 1));
    request.remote_address = "192.0.2.1";
    request.body = body;
    if (!token.empty()) request.headers.set("Coder-Session-Token", token);
    return send(std::move(request));
}

Person Api::add_user(const std::string& name, const std::string& site_roles,
                     const std::string& organization_roles) {
    Person person{Uuid::random(), name, ""};
    sql("INSERT INTO users (id, email, username, name, rbac_roles, created_at, updated_at) VALUES (" +
        quoted(person.id) + ", '" + name + "@example.com', '" + name + "', '', '" + site_roles +
        "', now(), now())");
    sql("INSERT INTO organization_members (organization_id, user_id, created_at, updated_at, roles) VALUES "
        "(" +
        quoted(organization) + ", " + quoted(person.id) + ", now(), now(), '" + organization_roles + "')");
    person.token = add_token(person.id);
    return person;
}

std::string Api::add_token(const Uuid& user_id, const std::string& scopes, const std::string& login_type,
                           const std::string& allow_list) {
    auto token = ApiKeyToken::generate();
    auto now = base::format_rfc3339(clock.now());
    sql("INSERT INTO api_keys (id, hashed_secret, user_id, last_used, expires_at, created_at, updated_at, "
        "login_type, "
        "token_name, scopes, allow_list) VALUES ('" +
        token.id + "', '\\x" + hex(token.hashed_secret()) + "', " + quoted(user_id) + ", '" + now + "', '" +
        base::format_rfc3339(clock.now() + std::chrono::hours(24)) + "', '" + now + "', '" + now + "', '" +
        login_type + "', '" + (login_type == "token" ? token.id : "") + "', '" + scopes + "', '" +
        allow_list + "')");
    return token.text().reveal();
}

Fixture::Imported Api::add_shared_template(const std::string& name) {
    auto made = add_template(name);
    sql("UPDATE templates SET group_acl = '{\"" + organization.to_string() +
        "\": [\"read\", \"use\"]}' WHERE id = " + quoted(made.template_id));
    return made;
}

Fixture::Build Api::add_running_workspace(const Imported& from, const Uuid& owner_id,
                                          const std::string& name) {
    auto build = add_workspace(from, name);
    sql("UPDATE workspaces SET owner_id = " + quoted(owner_id) + " WHERE id = " + quoted(build.workspace_id));
    sql("UPDATE workspace_builds SET initiator_id = " + quoted(owner_id) +
        " WHERE id = " + quoted(build.build_id));
    finish_job(build.job_id);
    return build;
}

void Api::finish_job(const Uuid& job_id, const std::string& error) {
    sql("UPDATE provisioner_jobs SET started_at = now(), completed_at = now(), error = '" + error +
        "' WHERE id = " + quoted(job_id));
}

Api::Agent Api::add_agent(const Uuid& job_id, const std::string& name) {
    Agent agent{Uuid::random(), Uuid::random(), Uuid::random()};
    sql("INSERT INTO workspace_resources (id, created_at, job_id, transition, type, name) VALUES (" +
        quoted(agent.resource_id) + ", now(), " + quoted(job_id) + ", 'start', 'docker_container', 'dev')");
    sql("INSERT INTO workspace_agents (id, created_at, updated_at, resource_id, name, auth_token, "
        "architecture, "
        "operating_system, directory, environment_variables) VALUES (" +
        quoted(agent.id) + ", now(), now(), " + quoted(agent.resource_id) + ", '" + name + "', " +
        quoted(agent.token) + ", 'amd64', 'linux', '/home/ada', '{\"EDITOR\": \"vi\"}')");
    return agent;
}

http::Method method_of(const std::string& name) {
    for (auto method : {http::Method::get, http::Method::head, http::Method::post, http::Method::put,
                        http::Method::patch, http::Method::del, http::Method::options})
        if (http::to_string(method) == name) return method;
    ADD_FAILURE() << "no method " << name;
    return http::Method::other;
}

void check_policies(Api& api, const std::vector<Person>& people, const std::vector<Policy>& policies) {
    for (const auto& policy : policies) {
        for (const auto& [name, status] : policy.expected) {
            std::string token;
            for (const auto& person : people)
                if (person.name == name) token = person.token;
            EXPECT_TRUE(name == "-" || !token.empty()) << "nobody is called " << name;
            auto answer = api.call(method_of(policy.method), policy.target, token, policy.body);
            EXPECT_EQ(answer.status, status)
                << policy.method << " " << policy.target << " as " << name << ": " << answer.text;
        }
    }
}

}  // namespace berth::coderd::testing
