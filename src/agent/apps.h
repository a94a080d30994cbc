#pragma once

#include <map>
#include <string>
#include <vector>

#include "agent/link.h"
#include "base/clock.h"
#include "net/task_group.h"

namespace coder::agent::v2 {
class Manifest;
}

namespace berth::agent {

struct HealthCheck {
    /// 16 raw bytes.
    std::string app_id;
    std::string slug;
    std::string url;
    base::Duration interval{};
    /// This many failures in a row are forgiven.
    int threshold = 0;
};

/// Those that have a URL to ask and an interval.
std::vector<HealthCheck> health_checks_of(const coder::agent::v2::Manifest& manifest);

/// Asks each app's URL at its interval and reports changes of its health. An answer below 500 is healthy.
class AppHealth {
public:
    AppHealth(base::Clock& clock, Link& link, base::Logger log, asio::any_io_executor executor);
    /// Until cancelled. The object outlives it.
    asio::awaitable<void> run(std::vector<HealthCheck> checks);

private:
    static asio::awaitable<void> run_in(net::TaskGroup& group, AppHealth* self,
                                        std::vector<HealthCheck> checks);
    asio::awaitable<void> watch(HealthCheck check);
    asio::awaitable<void> send();

    base::Clock& clock_;
    Link& link_;
    base::Logger log_;
    /// Changed and not sent yet: the wire's health by app id.
    std::map<std::string, int> fresh_;
    net::Signal changed_;
};

}  // namespace berth::agent
