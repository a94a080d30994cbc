#pragma once

#include <cstddef>
#include <string_view>

namespace berth::drpc {

/// An RPC, declared once for both sides: its path "/package.Service/Method" and its two protobuf messages.
template <class Request, class Response>
struct Unary {
    std::string_view path;
};

/// Many requests, then one response.
template <class Request, class Response>
struct ClientStream {
    std::string_view path;
};

/// One request, then many responses.
template <class Request, class Response>
struct ServerStream {
    std::string_view path;
};

/// Many of both, in any order.
template <class Request, class Response>
struct BidiStream {
    std::string_view path;
};

/// Messages above this are refused by both sides, unless both were told otherwise.
inline constexpr std::size_t max_message = 4 << 20;

}  // namespace berth::drpc
