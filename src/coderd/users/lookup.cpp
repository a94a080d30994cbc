#include "coderd/users/lookup.h"

namespace berth::coderd {
namespace {

/// "me" is whoever asks; agents and other machines are nobody.
Result<std::string> named_user(const Request& request, std::string_view placeholder) {
    const std::string& text = request.path(placeholder);
    if (text != "me") return text;
    if (request.caller().user_id.is_nil()) return invalid_argument("\"me\" needs the session of a user.");
    return request.caller().user_id.to_string();
}

}  // namespace

asio::awaitable<Result<db::User>> find_user(db::Store& store, const Request& request,
                                            std::string_view placeholder) {
    auto text = named_user(request, placeholder);
    if (!text) co_return text.error();
    auto id = Uuid::parse(*text);
    Result<db::User> user = not_found("no user");
    if (id) {
        user = co_await store.get_user_by_id(request.actor(), *id);
    } else {
        user = co_await store.get_user_by_email_or_username(request.actor(), "", *text);
    }
    if (!user && user.error().code() == ErrorCode::not_found)
        co_return not_found("There is no such user, or you may not see them.");
    if (user && user->deleted) co_return not_found("There is no such user, or you may not see them.");
    co_return user;
}

asio::awaitable<Result<db::Organization>> find_organization(db::Store& store, const Request& request,
                                                            std::string_view placeholder) {
    const std::string& text = request.path(placeholder);
    auto id = Uuid::parse(text);
    Result<db::Organization> organization = not_found("no organization");
    if (text == "default" || (id && id->is_nil())) {
        organization = co_await store.get_default_organization(request.actor());
    } else if (id) {
        organization = co_await store.get_organization_by_id(request.actor(), *id);
    } else {
        organization = co_await store.get_organization_by_name(request.actor(), text);
    }
    if (!organization && organization.error().code() == ErrorCode::not_found)
        co_return not_found("There is no such organization, or you may not see it.");
    co_return organization;
}

}  // namespace berth::coderd
