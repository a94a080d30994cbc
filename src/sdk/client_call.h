#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sdk/client.h"

// How the typed calls of sdk::Client are written: for its .cpp files, and for who calls a route without a
// typed call.

namespace berth::sdk {

/// Percent-encodes what may not stand in one path segment or query value.
std::string url_encode(std::string_view text);

/// "/api/v2/users/" + encoded ident …; parts are literal, then a value, in turn.
class Target {
public:
    explicit Target(std::string_view path) : text_(path) {}
    Target& path(std::string_view literal) {
        text_ += literal;
        return *this;
    }
    Target& value(std::string_view text) {
        text_ += url_encode(text);
        return *this;
    }
    Target& value(const Uuid& id) {
        text_ += id.to_string();
        return *this;
    }
    Target& query(std::string_view name, std::string_view value);
    /// A parameter without value.
    Target& flag(std::string_view name);
    /// limit, offset and after_id, each only when set.
    Target& page(const Pagination& page);
    operator std::string() const { return text_; }

private:
    std::string text_;
    bool has_query_ = false;
};

template <class Res>
Result<Res> decode_answer(const Result<http::ClientResponse>& answer) {
    if (!answer) return answer.error();
    auto value = decode_response<Res>(answer->body);
    if (!value) return value.error().wrap("The server's answer makes no sense");
    return value;
}

template <class Res>
asio::awaitable<Result<Res>> fetch(Client& client, http::Method method, std::string target,
                                   std::string body = {}) {
    auto answer = co_await client.send(method, std::move(target), std::move(body));
    co_return decode_answer<Res>(answer);
}

template <class Res>
asio::awaitable<Result<Res>> get(Client& client, std::string target) {
    return fetch<Res>(client, http::Method::get, std::move(target));
}

/// For calls whose answer nobody reads.
asio::awaitable<Result<void>> perform(Client& client, http::Method method, std::string target,
                                      std::string body = {});

}  // namespace berth::sdk
