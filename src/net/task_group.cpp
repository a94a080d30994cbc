#include "net/task_group.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>

namespace berth::net {

struct TaskGroup::Child {
    std::string name;
    asio::cancellation_signal stop;
    bool done = false;
};

namespace {

/// The child's body behind a suspension, so that the group's list holds it before it runs.
asio::awaitable<void> start(asio::awaitable<void> work) {
    co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
    co_await std::move(work);
}

}  // namespace

TaskGroup::TaskGroup(asio::any_io_executor executor, base::Logger log)
    : executor_(std::move(executor)), log_(std::move(log)), all_done_(executor_, base::SteadyTime::max()) {}

TaskGroup::~TaskGroup() {
    if (children_.empty()) return;
    for (const auto& child : children_)
        log_.error("task outlived its group", field("task", child->name));
    std::abort();
}

void TaskGroup::spawn(std::string name, asio::awaitable<void> work) {
    auto child = std::make_shared<Child>();
    child->name = std::move(name);
    auto it = children_.insert(children_.end(), child);
    asio::co_spawn(executor_, start(std::move(work)),
                   asio::bind_cancellation_slot(child->stop.slot(), [this, it](std::exception_ptr failure) {
                       finished(it, failure);
                   }));
    if (cancelled_) {
        asio::post(executor_, [child] {
            if (!child->done) child->stop.emit(asio::cancellation_type::terminal);
        });
    }
}

void TaskGroup::cancel() {
    cancelled_ = true;
    // Posted, because emitting can end a child, and so this list's nodes, while we walk it.
    for (const auto& child : children_) {
        asio::post(executor_, [child] {
            if (!child->done) child->stop.emit(asio::cancellation_type::terminal);
        });
    }
}

asio::awaitable<void> TaskGroup::join() {
    while (!children_.empty()) {
        boost::system::error_code ignored;
        co_await all_done_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
}

void TaskGroup::finished(std::list<std::shared_ptr<Child>>::iterator child, std::exception_ptr failure) {
    (*child)->done = true;
    if (failure && !is_cancellation(failure))
        log_.error("task failed", field("task", (*child)->name), field("error", describe(failure)));
    children_.erase(child);
    if (children_.empty()) all_done_.cancel();
}

bool is_cancellation(const std::exception_ptr& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const boost::system::system_error& error) {
        return error.code() == asio::error::operation_aborted;
    } catch (const asio::multiple_exceptions& error) {
        // Both sides of an `a() || b()` were cancelled.
        return is_cancellation(error.first_exception());
    } catch (...) {
        return false;
    }
}

std::string describe(const std::exception_ptr& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const std::exception& error) {
        return error.what();
    } catch (...) {
        return "unknown exception";
    }
}

}  // namespace berth::net
