#include "agent/apps.h"

#include "agent/protobuf.h"
#include "net/http/client.h"
#include "rpc/agent.h"

namespace berth::agent {
namespace {

namespace pb = rpc::agent::pb;

constexpr std::size_t max_checks = 128;
constexpr std::size_t max_answer = 1 << 20;
constexpr auto shortest_check_interval = std::chrono::seconds(1);
constexpr auto longest_wait = std::chrono::seconds(30);

asio::awaitable<bool> is_healthy(const HealthCheck& check) {
    // The client wants what comes before the path apart from the path with its query.
    auto host = check.url.find("://");
    if (host == std::string::npos) co_return false;
    auto path = check.url.find_first_of("/?#", host + 3);
    auto url = http::Url::parse(check.url.substr(0, path));
    if (!url) co_return false;
    http::ClientOptions options;
    options.timeout = std::min<base::Duration>(check.interval, longest_wait);
    options.connect_timeout = options.timeout;
    options.max_body = max_answer;
    auto executor = co_await asio::this_coro::executor;
    http::ClientRequest request;
    if (path != std::string::npos) request.target = check.url.substr(path, check.url.find('#') - path);
    if (!request.target.starts_with('/')) request.target.insert(0, "/");
    auto client = http::Client::create(executor, *url, options);
    auto answer = co_await client->send(std::move(request));
    co_return answer.ok() && answer->status < 500;
}

}  // namespace

std::vector<HealthCheck> health_checks_of(const pb::Manifest& manifest) {
    std::vector<HealthCheck> out;
    for (const auto& app : manifest.apps()) {
        if (!app.has_healthcheck() || app.healthcheck().url().empty() || out.size() == max_checks) continue;
        auto interval = to_duration(app.healthcheck().interval());
        if (interval <= base::Duration::zero() || app.health() == pb::WorkspaceApp::DISABLED) continue;
        out.push_back({app.id(), app.slug(), app.healthcheck().url(),
                       std::max<base::Duration>(interval, shortest_check_interval),
                       app.healthcheck().threshold()});
    }
    return out;
}

AppHealth::AppHealth(base::Clock& clock, Link& link, base::Logger log, asio::any_io_executor executor)
    : clock_(clock), link_(link), log_(std::move(log)), changed_(std::move(executor)) {}

asio::awaitable<void> AppHealth::run(std::vector<HealthCheck> checks) {
    co_await net::TaskGroup::scope(log_, run_in, this, std::move(checks));
}

asio::awaitable<void> AppHealth::run_in(net::TaskGroup& group, AppHealth* self,
                                        std::vector<HealthCheck> checks) {
    for (auto& check : checks)
        group.spawn("app health", self->watch(std::move(check)));
    co_await self->send();
}

asio::awaitable<void> AppHealth::watch(HealthCheck check) {
    int failures = 0;
    pb::AppHealth last = pb::INITIALIZING;
    while (true) {
        co_await clock_.sleep(check.interval);
        bool healthy = co_await is_healthy(check);
        failures = healthy ? 0 : failures + 1;
        pb::AppHealth now = last;
        if (healthy) now = pb::HEALTHY;
        if (failures > check.threshold) now = pb::UNHEALTHY;
        if (now == last) continue;
        last = now;
        log_.info("app health", field("app", check.slug), field("healthy", healthy));
        fresh_[check.app_id] = now;
        changed_.notify();
    }
}

asio::awaitable<void> AppHealth::send() {
    while (true) {
        if (fresh_.empty()) {
            co_await changed_.wait();
            continue;
        }
        auto client = co_await link_.wait_connected();
        pb::BatchUpdateAppHealthRequest request;
        for (const auto& [id, health] : fresh_) {
            auto* update = request.add_updates();
            update->set_id(id);
            update->set_health(static_cast<pb::AppHealth>(health));
        }
        auto taken = std::move(fresh_);
        fresh_.clear();
        auto answer = co_await client.call(rpc::agent::batch_update_app_healths, request);
        if (answer) continue;
        log_.debug("app health was not taken", field("error", answer.error()));
        if (is_connection_failure(answer.error())) fresh_.merge(taken);
        co_await clock_.sleep(retry_pause);
    }
}

}  // namespace berth::agent
