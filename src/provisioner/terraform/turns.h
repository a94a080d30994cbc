#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/asio.h"
#include "base/result.h"
#include "net/signal.h"

namespace berth::terraform {

struct TurnLimits {
    std::size_t at_once = 2;
    /// Of one person.
    std::size_t at_once_each = 1;
    /// Those that wait; more are refused.
    std::size_t waiting = 128;
    std::size_t waiting_each = 16;
    /// Patient ones, which count apart.
    std::size_t waiting_patient = 256;
};

/// Who wants to do something, and where.
struct TurnRequest {
    std::string user;
    /// One at a time works in a place; null for none.
    const void* place = nullptr;
    /// Waits however many others of its user do.
    bool patient = false;
};

/// Lets in what waits: first of who had no turn for the longest time, then in the order it came. Nobody is
/// held up by what may not go yet: by more of a person who has enough under way, or by what waits for a place
/// that is taken. Belongs to one loop.
class TurnQueue {
public:
    /// The right to work, until it is destroyed. The queue must outlive it.
    class Turn {
    public:
        Turn(TurnQueue& queue, TurnRequest request);
        ~Turn();
        Turn(const Turn&) = delete;
        Turn& operator=(const Turn&) = delete;

    private:
        TurnQueue& queue_;
        std::list<TurnRequest>::iterator self_;
    };
    using TurnPtr = std::unique_ptr<Turn>;

    /// `changed` wakes those who wait; it is notified of every turn that begins or ends.
    TurnQueue(TurnLimits limits, net::Signal& changed) : limits_(limits), changed_(changed) {}

    /// resource_exhausted when too many wait; `over` as soon as it has a value, after a notify().
    asio::awaitable<Result<TurnPtr>> take(TurnRequest request, const std::optional<Error>& over);
    [[nodiscard]] bool has_room(const TurnRequest& request) const;
    [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }

private:
    class Wait;
    [[nodiscard]] bool may_go(const TurnRequest& request) const;
    [[nodiscard]] bool is_next(const TurnRequest& request) const;
    [[nodiscard]] std::uint64_t last_turn(const std::string& user) const;
    void forget_who_left(const std::string& user);

    const TurnLimits limits_;
    net::Signal& changed_;
    std::list<TurnRequest> waiting_;
    std::list<TurnRequest> under_way_;
    /// The number of the last turn of each person who waits or has one.
    std::map<std::string, std::uint64_t> last_turns_;
    std::uint64_t turns_ = 0;
};

}  // namespace berth::terraform
