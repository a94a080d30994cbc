#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include "coderd/agents/routes.h"
#include "coderd/api/dispatcher.h"
#include "coderd/builds/routes.h"
#include "coderd/deployment/downloads.h"
#include "coderd/deployment/openapi_routes.h"
#include "coderd/deployment/routes.h"
#include "coderd/organizations/routes.h"
#include "coderd/parameters/routes.h"
#include "coderd/provisionerdserver/fixture_testing.h"
#include "coderd/secrets/routes.h"
#include "coderd/templates/template_routes.h"
#include "coderd/templates/version_routes.h"
#include "coderd/users/api_key_routes.h"
#include "coderd/users/authenticator.h"
#include "coderd/users/routes.h"
#include "coderd/users/sessions.h"
#include "coderd/workspaces/routes.h"

namespace berth::coderd::testing {

/// What a call answered.
struct Answer {
    unsigned status = 0;
    std::string text;
    /// Null when the body is not JSON.
    boost::json::value json;
    http::Headers headers;

    /// "message", or "" when there is none.
    [[nodiscard]] std::string message() const;
    /// Names of the "validations", joined by commas.
    [[nodiscard]] std::string bad_fields() const;
    /// A text member of the object: answer["id"].
    [[nodiscard]] std::string operator[](std::string_view name) const;
};

struct Person {
    Uuid id;
    std::string name;
    std::string token;
};

/// The REST API over a database of its own, without sockets: what a test calls goes through the real
/// dispatcher and authenticator. `ada`, the owner that Fixture makes, has a token in `owner`.
class Api : public Fixture {
public:
    Api();

    /// `target` may have a query. An empty token sends none.
    Answer call(http::Method method, const std::string& target, const std::string& token = "",
                const std::string& body = "");
    Answer get(const std::string& target, const std::string& token) {
        return call(http::Method::get, target, token);
    }
    Answer post(const std::string& target, const std::string& token, const std::string& body = "") {
        return call(http::Method::post, target, token, body);
    }
    Answer put(const std::string& target, const std::string& token, const std::string& body = "") {
        return call(http::Method::put, target, token, body);
    }
    Answer patch(const std::string& target, const std::string& token, const std::string& body = "") {
        return call(http::Method::patch, target, token, body);
    }
    Answer del(const std::string& target, const std::string& token) {
        return call(http::Method::del, target, token);
    }
    /// With all its headers; the body of a stream or an upgrade stays unread.
    Answer send(http::Request request);

    /// A member of the default organization with a token; roles as "{auditor}".
    Person add_user(const std::string& name, const std::string& site_roles = "{}",
                    const std::string& organization_roles = "{}");
    /// A session (or, with login_type "token", a token) of the user.
    std::string add_token(const Uuid& user_id, const std::string& scopes = "{coder:all}",
                          const std::string& login_type = "password",
                          const std::string& allow_list = "{*:*}");

    /// A template that everybody of the organization may use.
    Imported add_shared_template(const std::string& name);
    /// A workspace of `owner_id` whose first start succeeded.
    Build add_running_workspace(const Imported& from, const Uuid& owner_id, const std::string& name);
    void finish_job(const Uuid& job_id, const std::string& error = "");

    struct Agent {
        Uuid id;
        Uuid token;
        Uuid resource_id;
    };
    Agent add_agent(const Uuid& job_id, const std::string& name);

    std::unique_ptr<StoreAuthenticator> authenticator;
    SessionRoutes sessions{context};
    UserRoutes users{context};
    ApiKeyRoutes api_keys{context};
    UserSecretRoutes user_secrets{context};
    OrganizationRoutes organizations{context};
    DeploymentRoutes deployment{context, Uuid::random()};
    DownloadRoutes downloads{context};
    TemplateRoutes templates{context};
    TemplateVersionRoutes template_versions{context};
    ParameterRoutes parameters{context};
    WorkspaceRoutes workspaces{context};
    BuildRoutes builds{context};
    AgentRoutes agents{context};
    Routes routes;
    OpenApiRoutes documents{routes};
    std::unique_ptr<Dispatcher> dispatcher;
    Person owner;
};

/// "GET" … as the tables of tests write it.
http::Method method_of(const std::string& name);

/// A call that different people make: what each is answered.
struct Policy {
    std::string method;
    std::string target;
    std::string body;
    /// By name of the person; "-" is nobody.
    std::map<std::string, unsigned> expected;
};

/// Makes every call as every person named; one failure per wrong status.
void check_policies(Api& api, const std::vector<Person>& people, const std::vector<Policy>& policies);

}  // namespace berth::coderd::testing
