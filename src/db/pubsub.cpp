#include "db/pubsub.h"

#include <deque>
#include <map>
#include <mutex>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "db/connection.h"
#include "net/task_group.h"

namespace berth::db {
namespace {

/// What one subscriber has not read yet. Filled from the hub's loop, read on the subscriber's.
class Mailbox {
public:
    explicit Mailbox(asio::any_io_executor executor) : executor_(executor), filled_(std::move(executor)) {}

    /// On any thread.
    static void put(const std::shared_ptr<Mailbox>& box, Message message) {
        asio::post(box->executor_, [box, message = std::move(message)]() mutable {
            if (message.maybe_lost || box->messages_.size() >= Pubsub::queue_limit) {
                box->lost_ = true;
            } else {
                box->messages_.push_back(std::move(message));
            }
            box->filled_.notify();
        });
    }
    static void end(const std::shared_ptr<Mailbox>& box) {
        asio::post(box->executor_, [box] {
            box->ended_ = true;
            box->filled_.notify();
        });
    }

    asio::awaitable<Result<Message>> next() {
        while (true) {
            if (!messages_.empty()) {
                auto message = std::move(messages_.front());
                messages_.pop_front();
                co_return message;
            }
            // After what did arrive, so that the reader looks again at the latest.
            if (lost_) {
                lost_ = false;
                co_return Message{{}, true};
            }
            if (ended_) co_return unavailable("the server is shutting down");
            co_await filled_.wait();
        }
    }

private:
    asio::any_io_executor executor_;
    net::Signal filled_;
    std::deque<Message> messages_;
    bool lost_ = false;
    bool ended_ = false;
};

std::string quote_channel(const std::string& channel) {
    std::string text = "\"";
    for (char c : channel)
        text += c == '"' ? std::string("\"\"") : std::string(1, c);
    return text + "\"";
}

}  // namespace

/// All state is used on one loop only, the hub's.
class PostgresPubsub::Hub : public std::enable_shared_from_this<PostgresPubsub::Hub> {
public:
    Hub(asio::any_io_executor executor, ConnectionOptions options, base::Logger log)
        : executor_(executor),
          options_(std::move(options)),
          log_(log),
          group_(executor, log),
          changed_(executor) {
        options_.on_notify = [this](const std::string& channel, const std::string& payload) {
            deliver(channel, payload);
        };
    }

    [[nodiscard]] const asio::any_io_executor& executor() const { return executor_; }

    asio::awaitable<Result<void>> open() {
        auto connected = co_await connect();
        if (!connected) co_return connected.error();
        group_.spawn("pubsub", keep(this));
        co_return Result<void>();
    }

    asio::awaitable<void> close() {
        closed_ = true;
        if (connection_) connection_->close();
        changed_.notify();
        group_.cancel();
        co_await group_.join();
        for (auto& [channel, boxes] : channels_)
            for (auto& box : boxes)
                Mailbox::end(box);
        channels_.clear();
    }

    asio::awaitable<Result<void>> add(std::string channel, std::shared_ptr<Mailbox> box) {
        auto deadline = std::chrono::steady_clock::now() + options_.connect_timeout;
        auto& boxes = channels_[channel];
        boxes.push_back(box);
        // While the connection is away, its return listens to all channels; until then nothing is promised.
        while (!closed_ && !live()) {
            if (std::chrono::steady_clock::now() > deadline) break;
            co_await changed_.wait();
        }
        if (closed_ || !live()) {
            remove(channel, box);
            co_return unavailable("the database is not available");
        }
        auto listening = co_await listen(channel);
        if (!listening) remove(channel, box);
        co_return listening;
    }

    void remove(const std::string& channel, const std::shared_ptr<Mailbox>& box) {
        auto found = channels_.find(channel);
        if (found == channels_.end()) return;
        std::erase(found->second, box);
        if (!found->second.empty()) return;
        channels_.erase(found);
        if (live() && !closed_) group_.spawn("unlisten", unlisten(shared_from_this(), channel));
    }

private:
    [[nodiscard]] bool live() const { return connection_ && connection_->usable() && ready_; }

    void deliver(const std::string& channel, const std::string& payload) {
        auto found = channels_.find(channel);
        if (found == channels_.end()) return;
        for (auto& box : found->second)
            Mailbox::put(box, {payload, false});
    }

    asio::awaitable<Result<void>> listen(std::string channel) {
        Command command{.text = "LISTEN " + quote_channel(channel), .prepare = false};
        auto result = co_await connection_->execute(std::move(command));
        if (!result) co_return result.error();
        co_return Result<void>();
    }

    static asio::awaitable<void> unlisten(std::shared_ptr<Hub> hub, std::string channel) {
        // Somebody may have come back to the channel meanwhile.
        if (hub->channels_.contains(channel) || !hub->live()) co_return;
        Command command{.text = "UNLISTEN " + quote_channel(channel), .prepare = false};
        auto result = co_await hub->connection_->execute(std::move(command));
        if (result.ok() && hub->channels_.contains(channel) && hub->live()) {
            auto again = co_await hub->listen(channel);
            if (!again) hub->log_.warn("pubsub lost a channel", field("error", again.error()));
        }
    }

    asio::awaitable<Result<void>> connect() {
        ready_ = false;
        auto connection = co_await Connection::connect(options_);
        if (!connection) co_return connection.error();
        connection_ = *connection;
        group_.spawn("pubsub reader", Connection::read_loop(connection_));
        group_.spawn("pubsub writer", Connection::write_loop(connection_));
        std::vector<std::string> channels;
        for (const auto& [channel, boxes] : channels_)
            channels.push_back(channel);
        for (const auto& channel : channels) {
            auto listening = co_await listen(channel);
            if (!listening) co_return listening.error();
        }
        ready_ = true;
        changed_.notify();
        co_return Result<void>();
    }

    static asio::awaitable<void> keep(Hub* hub) {
        while (!hub->closed_) {
            co_await hub->connection_->wait_closed();
            if (hub->closed_) break;
            hub->log_.warn("pubsub lost its connection");
            auto pause = std::chrono::milliseconds(50);
            while (!hub->closed_) {
                auto connected = co_await hub->connect();
                if (connected.ok()) break;
                asio::steady_timer timer(hub->executor_, pause);
                co_await timer.async_wait(asio::use_awaitable);
                pause = std::min(pause * 2, std::chrono::milliseconds(2000));
                // Those who wait for the connection look at their deadline.
                hub->changed_.notify();
            }
            for (auto& [channel, boxes] : hub->channels_)
                for (auto& box : boxes)
                    Mailbox::put(box, {{}, true});
        }
    }

    asio::any_io_executor executor_;
    ConnectionOptions options_;
    base::Logger log_;
    net::TaskGroup group_;
    std::shared_ptr<Connection> connection_;
    net::Signal changed_;
    std::map<std::string, std::vector<std::shared_ptr<Mailbox>>> channels_;
    bool ready_ = false;
    bool closed_ = false;
};

namespace {

class PostgresSubscription final : public Subscription {
public:
    PostgresSubscription(std::shared_ptr<Mailbox> box, std::function<void()> leave)
        : box_(std::move(box)), leave_(std::move(leave)) {}
    ~PostgresSubscription() override { leave_(); }

    asio::awaitable<Result<Message>> next() override { return box_->next(); }

private:
    std::shared_ptr<Mailbox> box_;
    std::function<void()> leave_;
};

}  // namespace

PostgresPubsub::PostgresPubsub(net::Runtime& runtime, Store& store, base::Logger log)
    : hub_(std::make_shared<Hub>(runtime.executor(0),
                                 ConnectionOptions{.url = store.options().url,
                                                   .statement_timeout = store.options().statement_timeout,
                                                   .connect_timeout = store.options().connect_timeout,
                                                   .workers = runtime.workers()},
                                 std::move(log))),
      store_(store) {}

PostgresPubsub::~PostgresPubsub() = default;

asio::awaitable<Result<void>> PostgresPubsub::open() {
    auto result = co_await asio::co_spawn(hub_->executor(), hub_->open(), asio::use_awaitable);
    co_return result;
}

asio::awaitable<void> PostgresPubsub::close() {
    co_await asio::co_spawn(hub_->executor(), hub_->close(), asio::use_awaitable);
}

asio::awaitable<Result<void>> PostgresPubsub::publish(std::string channel, std::string payload) {
    if (payload.size() > payload_limit)
        co_return Error(ErrorCode::too_large, "a message of the pubsub is too long");
    Command command{.text = "SELECT pg_notify($1, $2)::text"};
    command.arguments.add(channel);
    command.arguments.add(payload);
    auto result = co_await store_.execute(std::move(command));
    if (!result) co_return result.error();
    co_return Result<void>();
}

asio::awaitable<Result<std::unique_ptr<Subscription>>> PostgresPubsub::subscribe(std::string channel) {
    // PostgreSQL cuts longer names silently.
    if (channel.empty() || channel.size() > 63)
        co_return invalid_argument("a channel's name has 1 to 63 characters");
    auto executor = co_await asio::this_coro::executor;
    auto box = std::make_shared<Mailbox>(executor);
    auto hub = hub_;
    auto leave = [hub, channel, box] {
        asio::post(hub->executor(), [hub, channel, box] { hub->remove(channel, box); });
    };
    // Made first: it takes the place back even when this coroutine is cancelled below.
    std::unique_ptr<Subscription> subscription = std::make_unique<PostgresSubscription>(box, leave);
    auto added = co_await asio::co_spawn(hub->executor(), hub->add(channel, box), asio::use_awaitable);
    if (!added) co_return added.error();
    co_return subscription;
}

}  // namespace berth::db
