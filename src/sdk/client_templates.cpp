#include "sdk/client.h"
#include "sdk/client_call.h"

namespace berth::sdk {
namespace {

Target of_version(const Uuid& version, std::string_view rest) {
    return Target("/api/v2/templateversions/").value(version).path(rest);
}

Target of_template(const Uuid& id, std::string_view rest = {}) {
    return Target("/api/v2/templates/").value(id).path(rest);
}

Target of_organization(const std::string& organization, std::string_view rest) {
    return Target("/api/v2/organizations/").value(organization).path(rest);
}

}  // namespace

asio::awaitable<Result<UploadResponse>> Client::upload(std::string data, std::string content_type) {
    auto answer =
        co_await send(http::Method::post, "/api/v2/files", std::move(data), std::move(content_type));
    co_return decode_answer<UploadResponse>(answer);
}

asio::awaitable<Result<Download>> Client::download(Uuid file, std::string format) {
    Target target("/api/v2/files/");
    target.value(file);
    if (!format.empty()) target.query("format", format);
    auto answer = co_await send(http::Method::get, target);
    if (!answer) co_return answer.error();
    Download download;
    download.content_type = answer->headers.get("Content-Type").value_or("");
    download.data = std::move(answer->body);
    co_return download;
}

asio::awaitable<Result<std::vector<Template>>> Client::templates(std::string q) {
    return get<std::vector<Template>>(*this, Target("/api/v2/templates").query("q", q));
}

asio::awaitable<Result<Template>> Client::template_by_id(Uuid id) {
    return get<Template>(*this, of_template(id));
}

asio::awaitable<Result<Template>> Client::template_by_name(std::string organization, std::string name) {
    return get<Template>(*this, of_organization(organization, "/templates/").value(name));
}

asio::awaitable<Result<Template>> Client::create_template(std::string organization,
                                                          CreateTemplateRequest request) {
    return fetch<Template>(*this, http::Method::post, of_organization(organization, "/templates"),
                           encode(request));
}

asio::awaitable<Result<Template>> Client::update_template(Uuid id, UpdateTemplateMeta request) {
    auto answer = co_await send(http::Method::patch, of_template(id), encode(request));
    if (answer && answer->status == 304)
        co_return Error(ErrorCode::failed_precondition, "Nothing would change.");
    co_return decode_answer<Template>(answer);
}

asio::awaitable<Result<void>> Client::update_active_version(Uuid id, Uuid version) {
    return perform(*this, http::Method::patch, of_template(id, "/versions"),
                   encode(UpdateActiveTemplateVersion{version}));
}

asio::awaitable<Result<void>> Client::delete_template(Uuid id) {
    return perform(*this, http::Method::del, of_template(id));
}

asio::awaitable<Result<std::vector<TemplateExample>>> Client::template_examples() {
    return get<std::vector<TemplateExample>>(*this, "/api/v2/templates/examples");
}

asio::awaitable<Result<TemplateVersion>> Client::create_template_version(
    std::string organization, CreateTemplateVersionRequest request) {
    return fetch<TemplateVersion>(*this, http::Method::post,
                                  of_organization(organization, "/templateversions"), encode(request));
}

asio::awaitable<Result<TemplateVersion>> Client::template_version(Uuid id) {
    return get<TemplateVersion>(*this, of_version(id, {}));
}

asio::awaitable<Result<std::vector<TemplateVersion>>> Client::template_versions(Uuid template_id,
                                                                                Pagination page) {
    return get<std::vector<TemplateVersion>>(*this, of_template(template_id, "/versions").page(page));
}

asio::awaitable<Result<TemplateVersion>> Client::template_version_by_name(Uuid template_id,
                                                                          std::string name) {
    return get<TemplateVersion>(*this, of_template(template_id, "/versions/").value(name));
}

asio::awaitable<Result<TemplateVersion>> Client::update_template_version(
    Uuid id, PatchTemplateVersionRequest request) {
    return fetch<TemplateVersion>(*this, http::Method::patch, of_version(id, {}), encode(request));
}

asio::awaitable<Result<void>> Client::cancel_template_version(Uuid id) {
    return perform(*this, http::Method::patch, of_version(id, "/cancel"));
}

asio::awaitable<Result<std::vector<TemplateVersionParameter>>> Client::rich_parameters(Uuid version) {
    return get<std::vector<TemplateVersionParameter>>(*this, of_version(version, "/rich-parameters"));
}

asio::awaitable<Result<std::vector<TemplateVersionVariable>>> Client::template_variables(Uuid version) {
    return get<std::vector<TemplateVersionVariable>>(*this, of_version(version, "/variables"));
}

asio::awaitable<Result<std::vector<TemplateVersionExternalAuth>>> Client::template_external_auth(
    Uuid version) {
    return get<std::vector<TemplateVersionExternalAuth>>(*this, of_version(version, "/external-auth"));
}

asio::awaitable<Result<std::vector<WorkspaceResource>>> Client::template_version_resources(Uuid version) {
    return get<std::vector<WorkspaceResource>>(*this, of_version(version, "/resources"));
}

asio::awaitable<Result<std::vector<Preset>>> Client::presets(Uuid version) {
    return get<std::vector<Preset>>(*this, of_version(version, "/presets"));
}

asio::awaitable<Result<std::vector<ProvisionerJobLog>>> Client::template_version_logs(Uuid version,
                                                                                      std::int64_t after) {
    return get<std::vector<ProvisionerJobLog>>(
        *this, of_version(version, "/logs").query("after", std::to_string(after)));
}

JobLogReader Client::follow_template_version_logs(Uuid version, std::int64_t after) {
    return JobLogReader(*this, of_version(version, "/logs"), after);
}

}  // namespace berth::sdk
