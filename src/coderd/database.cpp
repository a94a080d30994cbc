#include "coderd/database.h"

#include "db/migrate.h"

namespace berth::coderd {

asio::awaitable<Result<void>> Database::open(net::Runtime& runtime, const ServerOptions& options,
                                             base::Logger log) {
    SecretString url = options.postgres_url;
    if (url.empty()) {
        db::ClusterOptions cluster_options;
        cluster_options.directory = options.config_dir;
        auto started = co_await db::EmbeddedCluster::start(cluster_options, log.named("postgres"));
        if (!started) co_return started.error();
        cluster_ = std::move(*started);
        url = cluster_->url();
    }
    auto migrated = co_await db::migrate(runtime, url, log.named("migrate"));
    if (!migrated) co_return migrated.error();
    db::StoreOptions store_options;
    store_options.url = url;
    store_options.transaction_connections =
        std::max<std::size_t>(2, options.postgres_connections / runtime.size());
    store_ = std::make_unique<db::Store>(runtime, store_options, log.named("db"));
    auto opened = co_await store_->open();
    co_return opened;
}

asio::awaitable<void> Database::supervise() {
    if (cluster_) co_await cluster_->supervise();
}

asio::awaitable<void> Database::close() {
    if (store_) co_await store_->close();
    if (cluster_) co_await cluster_->stop();
}

}  // namespace berth::coderd
