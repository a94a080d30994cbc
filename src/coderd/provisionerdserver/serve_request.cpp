#include "coderd/provisionerdserver/serve_request.h"

#include "base/crypto.h"
#include "base/text.h"
#include "coderd/provisionerdserver/key_routes.h"
#include "coderd/provisionerdserver/server.h"
#include "coderd/provisionerdserver/version.h"
#include "coderd/users/lookup.h"
#include "rbac/authorize.h"
#include "rpc/provisionerd.h"

namespace berth::coderd {
namespace {

constexpr std::size_t max_tags = 32;
constexpr std::size_t max_tag_length = 256;

Error refused(std::string message) { return {ErrorCode::unauthenticated, std::move(message)}; }

struct Credentials {
    Uuid key_id;
    /// Set by a provisioner key, which belongs to one organization.
    std::optional<Uuid> organization_id;
    std::optional<Tags> tags;
    /// Owner of user-scoped tags; nil without a session.
    Uuid user_id;
    std::shared_ptr<const Caller> caller;
};

asio::awaitable<Result<Credentials>> by_key(Context& context, std::string_view key) {
    auto row = co_await find_provisioner_key(context, key);
    if (!row) co_return row.error();
    auto tags = tags_from_json(row->tags);
    if (!tags) co_return tags.error();
    Credentials found;
    found.key_id = row->id;
    found.organization_id = row->organization_id;
    found.tags = std::move(*tags);
    co_return found;
}

asio::awaitable<Result<Credentials>> authenticate(Context& context, Authenticator& authenticator,
                                                  const Request& request) {
    const auto& headers = request.http().headers;
    auto key = headers.get(provisioner_key_header);
    auto psk = headers.get("Coder-Provisioner-Daemon-PSK");
    if (key && !key->empty()) {
        if (psk && !psk->empty())
            co_return invalid_argument("Send a provisioner key or a pre-shared key, not both.");
        auto found = co_await by_key(context, *key);
        co_return found;
    }
    Credentials found;
    if (psk && !psk->empty()) {
        const auto& expected = context.options.provisioner_psk.reveal();
        if (expected.empty() || !base::constant_time_equal(*psk, expected))
            co_return refused("The pre-shared key of the provisioner daemon is wrong.");
        found.key_id = psk_key_id();
        co_return found;
    }
    auto caller = co_await authenticator.session(request.http());
    if (!caller) co_return caller.error();
    found.key_id = user_auth_key_id();
    found.user_id = (*caller)->user_id;
    found.caller = std::move(*caller);
    co_return found;
}

Result<Tags> parse_tags(const http::Query& query) {
    Tags tags;
    auto bad = [](std::string detail) {
        return invalid_argument("The provisioner daemon's tags are malformed.")
            .with_field("tag", std::move(detail));
    };
    for (auto text : query.get_all("tag")) {
        auto equals = text.find('=');
        if (equals == std::string_view::npos || equals == 0) return bad("each tag must look like key=value");
        if (text.size() > max_tag_length || tags.size() >= max_tags)
            return bad("there are too many or too long tags");
        tags[std::string(text.substr(0, equals))] = text.substr(equals + 1);
    }
    return tags;
}

/// What the daemon takes, and what we are ready to send and take.
Result<std::size_t> parse_max_message(const http::Headers& headers) {
    auto text = headers.get(rpc::provisionerd::max_message_header);
    if (!text) return drpc::max_message;
    auto bytes = base::parse_int<std::size_t>(*text);
    if (!bytes || *bytes < drpc::max_message)
        return invalid_argument("The header " + std::string(rpc::provisionerd::max_message_header) +
                                " must be a number of bytes from 4 MiB.");
    return std::min(*bytes, rpc::provisionerd::max_message);
}

Result<DaemonOffer> parse_offer(const Request& request) {
    DaemonOffer offer;
    const auto& query = request.http().query;
    offer.api_version = query.get("version").value_or("1.0");
    auto version = check_provisionerd_version(offer.api_version);
    if (!version) return version.error();
    offer.name = query.get("name").value_or("");
    if (offer.name.empty()) offer.name = "daemon-" + base::random_alphanumeric(8);
    if (offer.name.size() > 64)
        return invalid_argument("The provisioner daemon's name is too long.")
            .with_field("name", "at most 64 bytes");
    for (auto text : query.get_all("provisioner")) {
        auto type = db::parse_provisioner_type(text);
        if (!type)
            return invalid_argument("The provisioner daemon offers an unknown provisioner.")
                .with_field("provisioner", "must be terraform or echo");
        offer.provisioners.push_back(*type);
    }
    if (offer.provisioners.empty())
        return invalid_argument("The provisioner daemon offers nothing.")
            .with_field("provisioner", "is required");
    auto tags = parse_tags(query);
    if (!tags) return tags.error();
    offer.tags = std::move(*tags);
    auto max_message = parse_max_message(request.http().headers);
    if (!max_message) return max_message.error();
    offer.max_message = *max_message;
    offer.version =
        std::string(request.http().headers.get("X-Coder-Build-Version").value_or("")).substr(0, 64);
    return offer;
}

/// "default", an id or a name; as whoever asks is allowed to see it.
asio::awaitable<Result<Uuid>> organization_of(Context& context, const Request& request,
                                              const Credentials& credentials) {
    Request asking(request.http(), credentials.caller ? credentials.caller : request.shared_caller());
    const auto& text = request.path("organization");
    if (credentials.caller) {
        auto row = co_await find_organization(context.store, asking);
        if (!row) co_return row.error();
        co_return row->id;
    }
    Result<db::Organization> row = not_found("no organization");
    auto id = Uuid::parse(text);
    bool unnamed = text == "default" || (id && id->is_nil());
    // Daemons with a key need not know where it belongs.
    if (unnamed && credentials.organization_id) co_return *credentials.organization_id;
    if (unnamed) {
        row = co_await context.store.get_default_organization(provisionerd_actor());
    } else if (id) {
        row = co_await context.store.get_organization_by_id(provisionerd_actor(), *id);
    } else {
        row = co_await context.store.get_organization_by_name(provisionerd_actor(), text);
    }
    if (!row) co_return row.error();
    // A key opens its own organization only, and does not tell which others exist.
    if (credentials.organization_id && *credentials.organization_id != row->id)
        co_return refused("The provisioner key belongs to another organization.");
    if (!credentials.organization_id && !row->is_default)
        co_return refused("The pre-shared key opens the default organization only; use a provisioner key.");
    co_return row->id;
}

/// Everybody may serve their own jobs; the jobs of an organization are for those it lets do that.
Result<void> may_serve(const Credentials& credentials, const DaemonOffer& offer) {
    if (!credentials.caller) return {};
    rbac::Object object{.resource = rbac::Resource::provisioner_daemon,
                        .organization = offer.organization_id};
    if (offer.tags.at("scope") == "user") object.owner = credentials.user_id;
    auto allowed = rbac::authorize(credentials.caller->actor, rbac::Action::create, object);
    if (!allowed)
        return Error(
            ErrorCode::permission_denied, "You may not serve a provisioner with these tags.",
            "With no more than the rights of a member, give it the tag scope=user: it then does your "
            "own jobs.");
    return {};
}

}  // namespace

asio::awaitable<Result<AdmittedDaemon>> admit_daemon(Context& context, Authenticator& authenticator,
                                                     const Request& request) {
    auto credentials = co_await authenticate(context, authenticator, request);
    if (!credentials) co_return credentials.error();
    auto offer = parse_offer(request);
    if (!offer) co_return offer.error();
    auto organization = co_await organization_of(context, request, *credentials);
    if (!organization) co_return organization.error();
    offer->organization_id = *organization;
    offer->key_id = credentials->key_id;
    // A key's tags are fixed.
    if (credentials->tags) offer->tags = std::move(*credentials->tags);
    offer->tags = complete_tags(std::move(offer->tags), credentials->user_id);
    if (credentials->user_id.is_nil() && offer->tags["scope"] == "user")
        co_return invalid_argument("The provisioner daemon's tags are malformed.")
            .with_field("tag", "scope=user needs the session of a user");
    // Every member may serve their own jobs: that must not cost us much memory.
    if (offer->tags["scope"] == "user") offer->max_message = drpc::max_message;
    auto allowed = may_serve(*credentials, *offer);
    if (!allowed) co_return allowed.error();
    auto daemon = co_await register_daemon(context, provisionerd_actor(), *offer);
    if (!daemon) co_return daemon.error();
    AdmittedDaemon admitted;
    admitted.daemon = std::move(*daemon);
    admitted.offer = std::move(*offer);
    co_return admitted;
}

}  // namespace berth::coderd
