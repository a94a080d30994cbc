#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include <boost/asio/post.hpp>

#include "base/asio.h"
#include "base/result.h"
#include "net/signal.h"

namespace berth::net {

/// Many calls made as few: one that finds nothing under way goes at once and alone; those that come meanwhile
/// go together in the next. Each caller in turn makes the call for all, on its own loop. Safe to use from all
/// loops.
template <class Request, class Answer>
class Batched {
public:
    /// One answer for each request, in their order; an error is everybody's.
    using Run = std::function<asio::awaitable<Result<std::vector<Answer>>>(std::vector<Request>)>;

    Batched(Run run, std::size_t max_batch) : run_(std::move(run)), max_batch_(max_batch) {}

    /// The caller must not be cancelled meanwhile: others may depend on it. `this` must outlive it.
    asio::awaitable<Result<Answer>> ask(Request request) {
        auto executor = co_await asio::this_coro::executor;
        auto own = std::make_shared<Caller>(std::move(executor), std::move(request));
        join(own);
        while (!own->is_ready(mutex_))
            co_await own->changed.wait();
        if (!own->answer) co_await lead();
        co_return std::move(*own->answer);
    }

private:
    /// The mutex guards all but the signal, which belongs to the caller's loop.
    struct Caller : std::enable_shared_from_this<Caller> {
        Caller(asio::any_io_executor loop, Request wish)
            : executor(std::move(loop)), request(std::move(wish)), changed(executor) {}

        bool is_ready(std::mutex& mutex) {
            std::lock_guard lock(mutex);
            return leads || answer;
        }
        /// After a change. It is posted to the loop, so that a caller that is about to wait hears it too.
        void wake() {
            asio::post(executor, [self = this->shared_from_this()] { self->changed.notify(); });
        }

        asio::any_io_executor executor;
        Request request;
        Signal changed;
        bool leads = false;
        std::optional<Result<Answer>> answer;
    };
    using Callers = std::vector<std::shared_ptr<Caller>>;

    /// Answers all of a batch and passes the lead on, even when the call throws.
    struct Finish {
        Batched& batched;
        Callers& callers;
        Result<std::vector<Answer>> answers = internal_error("a call that was made for many broke off");

        ~Finish() {
            if (answers && answers->size() != callers.size())
                answers = internal_error("a call that was made for many has not an answer for each");
            std::lock_guard lock(batched.mutex_);
            for (std::size_t i = 0; i < callers.size(); ++i) {
                auto& caller = *callers[i];
                if (answers)
                    caller.answer.emplace(std::move((*answers)[i]));
                else
                    caller.answer.emplace(answers.error());
                if (!caller.leads) caller.wake();
            }
            batched.pass_on();
        }
    };

    void join(std::shared_ptr<Caller> caller) {
        std::lock_guard lock(mutex_);
        caller->leads = !busy_;
        busy_ = true;
        waiting_.push_back(std::move(caller));
    }

    asio::awaitable<void> lead() {
        auto callers = take_batch();
        std::vector<Request> requests;
        for (const auto& caller : callers)
            requests.push_back(std::move(caller->request));
        Finish finish{*this, callers};
        auto answers = co_await run_(std::move(requests));
        finish.answers = std::move(answers);
    }

    /// Whoever leads waits longest, and so is among them.
    Callers take_batch() {
        std::lock_guard lock(mutex_);
        Callers callers;
        while (!waiting_.empty() && callers.size() < max_batch_) {
            callers.push_back(std::move(waiting_.front()));
            waiting_.pop_front();
        }
        return callers;
    }

    /// The mutex is held.
    void pass_on() {
        busy_ = !waiting_.empty();
        if (!busy_) return;
        waiting_.front()->leads = true;
        waiting_.front()->wake();
    }

    const Run run_;
    const std::size_t max_batch_;
    std::mutex mutex_;
    std::deque<std::shared_ptr<Caller>> waiting_;
    bool busy_ = false;
};

}  // namespace berth::net
