#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "sdk/openapi.h"
#include "sdk/types.h"
#include "sdk/typescript.h"
#include "sdk/users.h"
#include "sdk/workspaces.h"

namespace berth::sdk {
namespace {

namespace json = boost::json;

TEST(OpenApi, SchemasFollowTheTables) {
    auto schemas = json::parse(openapi_schemas()).as_object();
    EXPECT_EQ(schemas.size(), all_types().size());
    const auto& workspace = schemas.at("Workspace").at("properties").as_object();
    EXPECT_EQ(json::serialize(workspace.at("id")), R"({"type":"string","format":"uuid"})");
    EXPECT_EQ(json::serialize(workspace.at("ttl_ms")),
              R"({"type":"integer","format":"int64","nullable":true})");
    EXPECT_EQ(json::serialize(workspace.at("latest_build")),
              R"({"$ref":"#/components/schemas/WorkspaceBuild"})");
    EXPECT_EQ(json::serialize(workspace.at("latest_app_status")),
              R"({"allOf":[{"$ref":"#/components/schemas/WorkspaceAppStatus"}],"nullable":true})");
    EXPECT_EQ(json::serialize(schemas.at("AutomaticUpdates")),
              R"({"type":"string","enum":["always","never"]})");
    // Embedded structs are flat, and rules of requests show.
    EXPECT_TRUE(schemas.at("User").at("properties").as_object().contains("email"));
    EXPECT_EQ(json::serialize(schemas.at("LoginWithPasswordRequest").at("required")),
              R"(["email","password"])");
}

/// Every reference of the document points at a schema that exists.
void check_references(const json::value& value, const json::object& schemas) {
    if (value.is_array()) {
        for (const auto& element : value.get_array())
            check_references(element, schemas);
    } else if (value.is_object()) {
        for (const auto& [key, member] : value.get_object()) {
            if (key == "$ref") {
                std::string_view target = member.as_string();
                EXPECT_TRUE(schemas.contains(target.substr(target.rfind('/') + 1))) << target;
            }
            check_references(member, schemas);
        }
    }
}

TEST(OpenApi, Document) {
    const std::vector<QueryParameter> query{{"limit", "integer", "At \"most\""}};
    const std::vector<Operation> operations{
        {.method = http::Method::get,
         .path = "/api/v2/workspaces/{workspace}",
         .summary = "Get a workspace",
         .tag = "workspaces",
         .response = &type_info<Workspace>()},
        {.method = http::Method::del,
         .path = "/api/v2/workspaces/{workspace}",
         .summary = "x",
         .success = 204},
        {.method = http::Method::post,
         .path = "/api/v2/users/first",
         .summary = "Create the \"first\" user",
         .request = &type_info<CreateFirstUserRequest>(),
         .response = &type_info<CreateFirstUserResponse>(),
         .success = 201,
         .authenticated = false},
        {.method = http::Method::get, .path = "/api/v2/users/{user}/keys", .summary = "List", .query = query},
        {.method = http::Method::get,
         .path = "/bin/{file...}",
         .summary = "Download",
         .response = &type_info<User>(),
         .response_is_list = true},
    };
    auto document = json::parse(openapi_document("berth", "v1", operations)).as_object();
    EXPECT_EQ(document.at("openapi").as_string(), "3.0.3");
    const auto& paths = document.at("paths").as_object();
    ASSERT_EQ(paths.size(), 4U);
    const auto& workspace = paths.at("/api/v2/workspaces/{workspace}").as_object();
    EXPECT_EQ(workspace.at("get").at("parameters").as_array().at(0).at("name").as_string(), "workspace");
    EXPECT_TRUE(workspace.at("delete").at("responses").as_object().contains("204"));
    EXPECT_TRUE(workspace.at("get").as_object().contains("security"));
    const auto& first = paths.at("/api/v2/users/first").at("post").as_object();
    EXPECT_FALSE(first.contains("security"));
    EXPECT_EQ(first.at("summary").as_string(), "Create the \"first\" user");
    EXPECT_TRUE(paths.contains("/bin/{file}"));
    const auto& parameters = paths.at("/api/v2/users/{user}/keys").at("get").at("parameters").as_array();
    ASSERT_EQ(parameters.size(), 2U);
    EXPECT_EQ(json::serialize(parameters.at(1)),
              R"({"name":"limit","in":"query","description":"At \"most\"","schema":{"type":"integer"}})");
    check_references(document, document.at("components").at("schemas").as_object());
}

TEST(TypeScript, Declarations) {
    auto text = typescript_declarations();
    for (std::string_view part : {
             "export const WorkspaceTransitions = [\"start\", \"stop\", \"delete\"] as const;\n",
             "export type WorkspaceTransition = (typeof WorkspaceTransitions)[number] | \"\";\n",
             "export type APIKeyScope = string;\n",
             "export interface User extends ReducedUser {\n  readonly organization_ids: readonly string[];\n",
             "  readonly latest_app_status: WorkspaceAppStatus | null;\n",
             "  readonly autostart_schedule?: string | null;\n",
             "  readonly deadline: string | null;\n",
             "  readonly features: Record<string, Feature>;\n",
             "  readonly scopes: readonly APIKeyScope[];\n",
         })
        EXPECT_NE(text.find(part), std::string::npos) << part;
}

}  // namespace
}  // namespace berth::sdk
