#pragma once

#include <memory>
#include <string>

#include "base/asio.h"
#include "base/log.h"
#include "base/result.h"
#include "db/store.h"

namespace berth::db {

/// What arrived on a channel.
struct Message {
    std::string payload;
    /// Messages before this one may be missing (a lost connection, a slow reader): read again what they are
    /// about. Comes with an empty payload of its own.
    bool maybe_lost = false;
};

/// A place in the audience of one channel; leaving is destroying it. Used on the loop that subscribed.
class Subscription {
public:
    virtual ~Subscription() = default;
    /// The next message, in order of publication. Fails only when the pubsub closes (unavailable).
    virtual asio::awaitable<Result<Message>> next() = 0;
};

/// Short messages between all parts of all servers that share a database. At most once; see
/// Message::maybe_lost.
class Pubsub {
public:
    /// Messages that wait for one slow subscriber before they are dropped and maybe_lost is told.
    static constexpr std::size_t queue_limit = 512;
    static constexpr std::size_t payload_limit = 7000;

    virtual ~Pubsub() = default;
    /// To be told only of what is committed, publish after the transaction or use Transaction::notify.
    virtual asio::awaitable<Result<void>> publish(std::string channel, std::string payload) = 0;
    /// From its return on nothing is missed, so subscribe first and look then.
    virtual asio::awaitable<Result<std::unique_ptr<Subscription>>> subscribe(std::string channel) = 0;
};

/// By LISTEN and NOTIFY, on one connection that is made again when lost.
class PostgresPubsub final : public Pubsub {
public:
    PostgresPubsub(net::Runtime& runtime, Store& store, base::Logger log);
    ~PostgresPubsub() override;

    asio::awaitable<Result<void>> open();
    /// Ends every subscription; must be awaited before destruction once open.
    asio::awaitable<void> close();

    asio::awaitable<Result<void>> publish(std::string channel, std::string payload) override;
    asio::awaitable<Result<std::unique_ptr<Subscription>>> subscribe(std::string channel) override;

private:
    class Hub;
    std::shared_ptr<Hub> hub_;
    Store& store_;
};

}  // namespace berth::db
