#pragma once

#include <memory>

#include "base/log.h"
#include "coderd/api/routes.h"
#include "net/http/router.h"
#include "net/http/server.h"

namespace berth::coderd {

/// Turns credentials into a Caller. Implemented by users/authenticator.
class Authenticator {
public:
    virtual ~Authenticator() = default;
    /// An API key from header, cookie or query; `unauthenticated` when there is none or it is not good.
    virtual asio::awaitable<Result<std::shared_ptr<const Caller>>> session(const http::Request& request) = 0;
    /// A workspace agent's token; `unauthenticated` as well for one whose build is not the latest.
    virtual asio::awaitable<Result<std::shared_ptr<const Caller>>> agent(const http::Request& request) = 0;
};

/// The HTTP edge of coderd: finds the route, authenticates, refuses cross-site writes, answers 501 for what
/// the published API has and berth does not yet.
class Dispatcher final : public http::Handler {
public:
    Dispatcher(const Routes& routes, Authenticator& authenticator, base::Logger log);

    asio::awaitable<std::optional<http::Response>> refuse_large(const http::Request& header) override;
    [[nodiscard]] std::size_t body_limit(const http::Request& header) const override;
    asio::awaitable<http::Response> handle(http::Request& request) override;
    [[nodiscard]] http::Response reject(unsigned status, std::string_view message) const override;

private:
    void add_routes();
    void add_unbuilt_endpoints();
    asio::awaitable<http::Response> dispatch(http::Request& request);
    asio::awaitable<http::Response> call(const RegisteredRoute& route, http::Request& request);
    asio::awaitable<Result<std::shared_ptr<const Caller>>> authenticate(Access access,
                                                                        const http::Request& request);

    const Routes& routes_;
    Authenticator& authenticator_;
    http::Router router_;
    std::shared_ptr<const Caller> anonymous_;
    base::Logger log_;
};

/// True when a browser could have been tricked into sending this: a write, or a WebSocket, authenticated by
/// the cookie alone that does not come from our own origin.
bool is_cross_site_write(const http::Request& request);

}  // namespace berth::coderd
