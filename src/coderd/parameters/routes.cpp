#include "coderd/parameters/routes.h"

#include "coderd/parameters/evaluate.h"
#include "coderd/parameters/preview.h"
#include "coderd/templates/version_routes.h"
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

asio::awaitable<sdk::DynamicParametersResponse> respond(Context& context,
                                                        std::shared_ptr<const Caller> caller,
                                                        db::TemplateVersion version,
                                                        sdk::DynamicParametersRequest request) {
    sdk::DynamicParametersResponse response;
    response.id = request.id;
    auto owner = co_await form_owner(context, std::move(caller), request.owner_id);
    Result<Evaluation> evaluation = Evaluation();
    if (owner)
        evaluation =
            co_await evaluate_parameters(context, std::move(version), *owner, std::move(request.inputs));
    else
        evaluation = owner.error();
    if (evaluation) {
        fill_preview(*evaluation, response);
        co_return response;
    }
    context.log.warn("parameters cannot be evaluated", field("error", evaluation.error()));
    response.diagnostics.push_back(preview_diagnostic(
        {true, "The template's parameters cannot be evaluated", evaluation.error().message(), ""}));
    co_return response;
}

/// One open form; all on one loop.
struct Form {
    Form(Context& owner, asio::any_io_executor executor) : context(owner), changed(std::move(executor)) {}

    Context& context;
    std::shared_ptr<const Caller> caller;
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
            co_await form.socket->close(http::CloseCode::unsupported_data, request.error().message());
            break;
        }
        form.waiting = std::move(*request);
        form.changed.notify();
    }
    form.gone = true;
    form.changed.notify();
}

asio::awaitable<void> show_form(net::TaskGroup& group, Form& form) {
    group.spawn("form answers", read_answers(form));
    while (true) {
        while (!form.waiting && !form.gone)
            co_await form.changed.wait();
        if (form.gone) co_return;
        auto request = std::move(*form.waiting);
        form.waiting.reset();
        auto response = co_await respond(form.context, form.caller, form.version, std::move(request));
        // Newer answers came meanwhile: what this one says is not true any more.
        if (form.waiting && response.id != first_response) continue;
        auto text = sdk::encode(response);
        auto sent = co_await form.socket->write_text(text);
        if (!sent) co_return;
    }
}

asio::awaitable<void> form_session(Context& context, std::shared_ptr<const Caller> caller,
                                   db::TemplateVersion version, Uuid owner_id, http::WebSocketPtr socket) {
    auto executor = co_await asio::this_coro::executor;
    Form form(context, executor);
    form.caller = std::move(caller);
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
}

asio::awaitable<Result<http::Response>> ParameterRoutes::watch(const Request& request) {
    auto version = co_await find_imported_version(context_, request);
    if (!version) co_return version.error();
    auto asked = asked_owner(request);
    if (!asked) co_return asked.error();
    auto owner = co_await form_owner(context_, request.shared_caller(), *asked);
    if (!owner) co_return owner.error();
    if (!request.http().wants_websocket())
        co_return invalid_argument("This needs a WebSocket.", "Send the request with an Upgrade header.");
    http::WebSocketOptions options;
    options.max_message = 1 << 20;
    auto session = [this, caller = request.shared_caller(), version = std::move(*version),
                    owner = *owner](http::WebSocketPtr socket) {
        return form_session(context_, caller, version, owner, std::move(socket));
    };
    co_return http::Response::websocket(std::move(session), options);
}

asio::awaitable<Result<sdk::DynamicParametersResponse>> ParameterRoutes::evaluate(
    const Request& request, sdk::DynamicParametersRequest body) {
    auto version = co_await find_imported_version(context_, request);
    if (!version) co_return version.error();
    auto owner = co_await form_owner(context_, request.shared_caller(), body.owner_id);
    if (!owner) co_return owner.error();
    body.owner_id = *owner;
    auto response = co_await respond(context_, request.shared_caller(), std::move(*version), std::move(body));
    co_return response;
}

}  // namespace berth::coderd
