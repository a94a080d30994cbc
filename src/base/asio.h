#pragma once

// The few Asio headers that may be included everywhere.
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace berth {
namespace asio = boost::asio;
}  // namespace berth
