#include "agent/link.h"

namespace berth::agent {

void Link::connected(drpc::Client client) {
    client_ = std::move(client);
    ++generation_;
    changed_.notify();
}

void Link::lost() {
    client_.reset();
    changed_.notify();
}

asio::awaitable<drpc::Client> Link::wait_connected() {
    while (!client_)
        co_await changed_.wait();
    co_return *client_;
}

asio::awaitable<void> Link::wait_for_other(std::uint64_t generation) {
    while (!client_ || generation_ == generation)
        co_await changed_.wait();
}

bool is_connection_failure(const Error& error) {
    switch (error.code()) {
        case ErrorCode::unavailable:
        case ErrorCode::deadline_exceeded:
        case ErrorCode::cancelled:
            return true;
        default:
            return false;
    }
}

Outbox::Outbox(asio::any_io_executor executor, Link& link, base::Clock& clock, base::Logger log,
               std::size_t limit)
    : link_(link), clock_(clock), log_(std::move(log)), limit_(limit), changed_(std::move(executor)) {}

void Outbox::add(std::string what, Delivery delivery) {
    if (queue_.size() >= limit_) {
        log_.warn("given up: too much waits for the server", field("what", queue_.front().what));
        queue_.pop_front();
    }
    queue_.push_back({std::move(what), std::move(delivery)});
    changed_.notify();
}

asio::awaitable<void> Outbox::run() {
    while (true) {
        if (queue_.empty()) {
            co_await changed_.wait();
            continue;
        }
        auto client = co_await link_.wait_connected();
        if (queue_.empty()) continue;
        // Taken out while it is under way, so that a full queue cannot drop it from under us.
        Message message = std::move(queue_.front());
        queue_.pop_front();
        busy_ = true;
        auto delivered = co_await message.delivery(std::move(client));
        busy_ = false;
        if (!delivered && is_connection_failure(delivered.error())) {
            queue_.push_front(std::move(message));
            co_await clock_.sleep(retry_pause);
            continue;
        }
        if (!delivered)
            log_.warn("refused by the server", field("what", message.what),
                      field("error", delivered.error()));
        changed_.notify();
    }
}

asio::awaitable<void> Outbox::drained() {
    while (busy_ || !queue_.empty())
        co_await changed_.wait();
}

}  // namespace berth::agent
