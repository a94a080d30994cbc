#include "coderd/parameters/routes.h"

#include "coderd/parameters/evaluate.h"
#include "coderd/parameters/preview.h"
#include "coderd/templates/version_routes.h"
#include "coderd/users/lookup.h"
#include "net/signal.h"
#include "net/task_group.h"

namespace berth::coderd {
namespace {

/// What a form shows before anything was answered; clients count their requests from 0.
constexpr std::int64_t first_response = -1;

/// For whom a form is filled in: somebody the caller may see, or the caller.
asio::awaitable<Result<Uuid>> form_owner(Context& context, std::shared_ptr<const Caller> caller,
                                         Uuid wanted) {
    if (wanted.is_nil() || wanted == caller->user_id) co_return caller->user_id;
    auto user = co_await context.store.get_user_by_id(caller->actor, wanted);
    if (!user && user.error().code() == ErrorCode::not_found)
        co_return invalid_argument("The parameters cannot be evaluated.")
            .with_field("owner_id", "there is no such user");
    if (!user) co_return user.error();
    co_return user->id;
}

/// Of a version whose import failed there is nothing to build, so nothing to ask.
asio::awaitable<Result<db::TemplateVersion>> find_form_version(Context& context, const Request& request) {
    auto version = co_await find_imported_version(context, request);
    if (!version) co_return version.error();
    std::vector<Uuid> ids(1, version->job_id);
    auto jobs = co_await context.store.get_template_version_jobs(request.actor(), ids);
    if (!jobs) co_return jobs.error();
    if (jobs->empty() || jobs->front().job_status != db::ProvisionerJobStatus::succeeded)
        co_return Error(ErrorCode::failed_precondition, "The import of the template version did not succeed.",
                        jobs->empty() ? "" : jobs->front().error.value_or(""));
    co_return version;
}

/// With the fields, for where nothing shows them apart.
std::string explain(const Error& error) {
    std::string text = error.message();
    for (const auto& field : error.fields())
        text += " " + field.field + ": " + field.detail + ".";
    return text;
}

asio::awaitable<Result<Evaluation>> evaluate_form(Context& context, std::shared_ptr<const Caller> caller,
                                                  db::TemplateVersion version,
                                                  sdk::DynamicParametersRequest request) {
    ParameterQuestion question;
    question.asker_id = caller->user_id;
    auto owner = co_await form_owner(context, std::move(caller), request.owner_id);
    if (!owner) co_return owner.error();
    question.version = std::move(version);
    question.owner_id = *owner;
    question.answers = std::move(request.inputs);
    auto evaluation = co_await evaluate_parameters(context, std::move(question));
    co_return evaluation;
}

asio::awaitable<sdk::DynamicParametersResponse> respond(Context& context,
                                                        std::shared_ptr<const Caller> caller,
                                                        db::TemplateVersion version,
                                                        sdk::DynamicParametersRequest request) {
    sdk::DynamicParametersResponse response;
    response.id = request.id;
    auto evaluation =
        co_await evaluate_form(context, std::move(caller), std::move(version), std::move(request));
    if (evaluation) {
        fill_preview(*evaluation, response);
        co_return response;
    }
    if (evaluation.error().code() != ErrorCode::cancelled)
        context.log.warn("parameters cannot be evaluated", field("error", evaluation.error()));
    response.diagnostics.push_back(preview_diagnostic(
        {true, "The template's parameters cannot be evaluated", explain(evaluation.error()), ""}));
    co_return response;
}

/// One open form; all on one loop.
struct Form {
    Form(Context& owner, asio::any_io_executor executor) : context(owner), changed(std::move(executor)) {}

    Context& context;
    std::shared_ptr<const Caller> caller;
    std::shared_ptr<OpenForms::Place> place;
    db::TemplateVersion version;
    http::WebSocketPtr socket;
    /// The latest answers that were not looked at yet.
    std::optional<sdk::DynamicParametersRequest> waiting;
    net::Signal changed;
    bool gone = false;
};

asio::awaitable<void> read_answers(Form& form) {
    while (true) {
        auto message = co_await form.socket->read();
        if (!message || !*message) break;
        auto request = sdk::decode<sdk::DynamicParametersRequest>((*message)->data);
        if (!request) {
            co_await form.socket->close(http::CloseCode::unsupported_data, explain(request.error()));
            break;
        }
        form.waiting = std::move(*request);
        form.changed.notify();
    }
    form.gone = true;
    form.changed.notify();
}

/// Answers being evaluated.
struct FormAnswer {
    sdk::DynamicParametersRequest request;
    std::optional<sdk::DynamicParametersResponse> response;
    bool over = false;
};

/// Whether nobody wants the response any more: newer answers came, or the form was closed. The first is for
/// everybody: clients wait for it before they send anything.
bool is_outdated(const Form& form, const FormAnswer& answer) {
    return form.gone || (form.waiting && answer.request.id != first_response);
}

asio::awaitable<void> evaluate_answer(Form& form, FormAnswer& answer) {
    struct Ended {
        ~Ended() {
            answer.over = true;
            form.changed.notify();
        }
        Form& form;
        FormAnswer& answer;
    } ended{form, answer};
    auto response = co_await respond(form.context, form.caller, form.version, answer.request);
    answer.response = std::move(response);
}

asio::awaitable<void> evaluate_unless_outdated(net::TaskGroup& group, Form& form, FormAnswer& answer) {
    group.spawn("evaluation", evaluate_answer(form, answer));
    while (!answer.over && !is_outdated(form, answer))
        co_await form.changed.wait();
}

asio::awaitable<void> show_form(net::TaskGroup& group, Form& form) {
    group.spawn("form answers", read_answers(form));
    while (true) {
        while (!form.waiting && !form.gone)
            co_await form.changed.wait();
        if (form.gone) co_return;
        FormAnswer answer;
        answer.request = std::move(*form.waiting);
        form.waiting.reset();
        co_await net::TaskGroup::scope(form.context.log.named("parameters"), evaluate_unless_outdated,
                                       std::ref(form), std::ref(answer));
        if (is_outdated(form, answer)) continue;
        if (!answer.response) {
            auto closed =
                co_await form.socket->start_close(http::CloseCode::internal_error, "internal error");
            if (!closed) form.context.log.debug("a form was gone", field("error", closed.error()));
            co_return;
        }
        auto text = sdk::encode(*answer.response);
        auto sent = co_await form.socket->write_text(text);
        if (!sent) co_return;
    }
}

asio::awaitable<void> form_session(Context& context, std::shared_ptr<const Caller> caller,
                                   db::TemplateVersion version, Uuid owner_id,
                                   std::shared_ptr<OpenForms::Place> place, http::WebSocketPtr socket) {
    auto executor = co_await asio::this_coro::executor;
    Form form(context, executor);
    form.caller = std::move(caller);
    form.place = std::move(place);
    form.version = std::move(version);
    form.socket = std::move(socket);
    form.waiting.emplace();
    form.waiting->id = first_response;
    form.waiting->owner_id = owner_id;
    co_await net::TaskGroup::scope(context.log.named("parameters"), show_form, std::ref(form));
}

Result<Uuid> asked_owner(const Request& request) {
    auto text = request.query("user_id");
    if (!text || text->empty() || *text == "me") return request.caller().user_id;
    auto id = Uuid::parse(*text);
    if (!id)
        return invalid_argument("The query has an invalid value.").with_field("user_id", "must be a UUID");
    return *id;
}

}  // namespace

void ParameterRoutes::register_routes(Routes& routes) {
    using http::Method;
    const std::string form = "/api/v2/templateversions/{templateversion}/dynamic-parameters";
    routes.raw({Method::get, form, "Fill in a form whose parameters depend on the answers (WebSocket)"},
               bind(this, &ParameterRoutes::watch));
    routes.json<sdk::DynamicParametersRequest, sdk::DynamicParametersResponse>(
        {Method::post, form + "/evaluate", "Evaluate parameters with some answers"},
        bind(this, &ParameterRoutes::evaluate));
    routes.json<std::vector<sdk::UserParameter>>(
        Endpoint{Method::get, "/api/v2/users/{user}/autofill-parameters",
                 "Get what a person chose last for a template's parameters"}
            .takes({"template_id", "string", "The template's id"}),
        bind(this, &ParameterRoutes::previous));
}

asio::awaitable<Result<http::Response>> ParameterRoutes::watch(const Request& request) {
    auto version = co_await find_form_version(context_, request);
    if (!version) co_return version.error();
    auto asked = asked_owner(request);
    if (!asked) co_return asked.error();
    auto owner = co_await form_owner(context_, request.shared_caller(), *asked);
    if (!owner) co_return owner.error();
    if (!request.http().wants_websocket())
        co_return invalid_argument("This needs a WebSocket.", "Send the request with an Upgrade header.");
    auto place = open_forms_.enter(request.caller().user_id);
    if (!place)
        co_return Error(ErrorCode::resource_exhausted, "You have too many parameter forms open.",
                        "At most " + std::to_string(max_open_forms) + " at once; close one.");
    http::WebSocketOptions options;
    options.max_message = 1 << 20;
    auto session = [this, caller = request.shared_caller(), version = std::move(*version), owner = *owner,
                    place = std::move(place)](http::WebSocketPtr socket) {
        return form_session(context_, caller, version, owner, place, std::move(socket));
    };
    co_return http::Response::websocket(std::move(session), options);
}

asio::awaitable<Result<sdk::DynamicParametersResponse>> ParameterRoutes::evaluate(
    const Request& request, sdk::DynamicParametersRequest body) {
    auto version = co_await find_form_version(context_, request);
    if (!version) co_return version.error();
    auto owner = co_await form_owner(context_, request.shared_caller(), body.owner_id);
    if (!owner) co_return owner.error();
    body.owner_id = *owner;
    auto response = co_await respond(context_, request.shared_caller(), std::move(*version), std::move(body));
    co_return response;
}

asio::awaitable<Result<std::vector<sdk::UserParameter>>> ParameterRoutes::previous(const Request& request) {
    auto user = co_await find_user(context_.store, request);
    if (!user) co_return user.error();
    auto template_id = Uuid::parse(request.query("template_id").value_or(""));
    if (!template_id)
        co_return invalid_argument("The query has an invalid value.")
            .with_field("template_id", "must be a template's UUID");
    auto rows =
        co_await context_.store.get_user_workspace_build_parameters(request.actor(), user->id, *template_id);
    if (!rows) co_return rows.error();
    std::vector<sdk::UserParameter> parameters;
    for (auto& row : *rows)
        parameters.push_back({std::move(row.name), std::move(row.value)});
    co_return parameters;
}

}  // namespace berth::coderd
