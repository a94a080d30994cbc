#pragma once

#include <memory>
#include <optional>

#include "base/asio.h"
#include "base/log.h"
#include "net/drpc/client.h"
#include "net/signal.h"
#include "provisionerd/options.h"

namespace berth::provisionerd {

/// The connection to the server, made again whenever it breaks. A job survives that.
class Link {
public:
    Link(asio::any_io_executor executor, Connector connect, const Options& options, base::Logger log);

    /// Connects for ever; until cancelled.
    asio::awaitable<void> run();
    [[nodiscard]] std::optional<drpc::Client> client() const;
    /// Calls that do not reach the server fail from now on, without another try.
    void stop_waiting() { patient_ = false; }
    /// Notified when the connection is there, or was lost, and when there is something new to deliver.
    net::Signal changed;

    /// Calls until the server answers or `give_up` has passed since the first try.
    template <class Req, class Res>
    asio::awaitable<Result<Res>> call(drpc::Unary<Req, Res> method, std::shared_ptr<const Req> request) {
        base::SteadyTime until = options_.clock->steady_now() + options_.give_up;
        while (true) {
            Error failure = unavailable("not connected to the server");
            if (auto now = client()) {
                auto response = co_await now->call(method, *request);
                if (response || !may_pass(response.error())) co_return response;
                failure = response.error();
            }
            if (!patient_ || options_.clock->steady_now() >= until) co_return failure.wrap("gave up");
            co_await options_.clock->sleep(options_.retry);
        }
    }

    /// Whether another try may succeed.
    static bool may_pass(const Error& error);

private:
    asio::awaitable<bool> connect_once();

    Connector connect_;
    const Options& options_;
    base::Logger log_;
    yamux::SessionPtr session_;
    bool patient_ = true;
};

}  // namespace berth::provisionerd
