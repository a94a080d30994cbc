#include "provisioner/terraform/turns.h"

#include <algorithm>

namespace berth::terraform {

TurnQueue::Turn::Turn(TurnQueue& queue, TurnRequest request)
    : queue_(queue), self_(queue.under_way_.insert(queue.under_way_.end(), std::move(request))) {
    queue_.last_turns_[self_->user] = ++queue_.turns_;
}

TurnQueue::Turn::~Turn() {
    auto user = std::move(self_->user);
    queue_.under_way_.erase(self_);
    queue_.forget_who_left(user);
    queue_.changed_.notify();
}

/// A place in the line.
class TurnQueue::Wait {
public:
    Wait(TurnQueue& queue, TurnRequest request)
        : queue_(queue), self_(queue.waiting_.insert(queue.waiting_.end(), std::move(request))) {}
    ~Wait() {
        auto user = std::move(self_->user);
        queue_.waiting_.erase(self_);
        queue_.forget_who_left(user);
        // Whoever stands behind may be the next now.
        queue_.changed_.notify();
    }
    Wait(const Wait&) = delete;
    Wait& operator=(const Wait&) = delete;

    [[nodiscard]] const TurnRequest& request() const { return *self_; }

private:
    TurnQueue& queue_;
    std::list<TurnRequest>::iterator self_;
};

bool TurnQueue::has_room(const TurnRequest& request) const {
    auto alike = std::count_if(waiting_.begin(), waiting_.end(),
                               [&](const TurnRequest& each) { return each.patient == request.patient; });
    if (request.patient) return static_cast<std::size_t>(alike) < limits_.waiting_patient;
    auto own = std::count_if(waiting_.begin(), waiting_.end(), [&](const TurnRequest& each) {
        return !each.patient && each.user == request.user;
    });
    return static_cast<std::size_t>(alike) < limits_.waiting &&
           static_cast<std::size_t>(own) < limits_.waiting_each;
}

bool TurnQueue::may_go(const TurnRequest& request) const {
    std::size_t own = 0;
    for (const auto& each : under_way_) {
        if (each.user == request.user) ++own;
        if (each.place != nullptr && each.place == request.place) return false;
    }
    return own < limits_.at_once_each;
}

std::uint64_t TurnQueue::last_turn(const std::string& user) const {
    auto found = last_turns_.find(user);
    return found == last_turns_.end() ? 0 : found->second;
}

bool TurnQueue::is_next(const TurnRequest& request) const {
    if (under_way_.size() >= limits_.at_once) return false;
    const TurnRequest* next = nullptr;
    for (const auto& each : waiting_)
        if (may_go(each) && (next == nullptr || last_turn(each.user) < last_turn(next->user))) next = &each;
    return next == &request;
}

void TurnQueue::forget_who_left(const std::string& user) {
    auto is_of_user = [&user](const TurnRequest& each) { return each.user == user; };
    if (std::none_of(waiting_.begin(), waiting_.end(), is_of_user) &&
        std::none_of(under_way_.begin(), under_way_.end(), is_of_user))
        last_turns_.erase(user);
}

asio::awaitable<Result<TurnQueue::TurnPtr>> TurnQueue::take(TurnRequest request,
                                                            const std::optional<Error>& over) {
    if (!has_room(request))
        co_return Error(ErrorCode::resource_exhausted, "too much is being evaluated; try again in a moment");
    Wait wait(*this, std::move(request));
    while (!over && !is_next(wait.request()))
        co_await changed_.wait();
    if (over) co_return *over;
    co_return std::make_unique<Turn>(*this, wait.request());
}

}  // namespace berth::terraform
