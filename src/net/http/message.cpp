#include "net/http/message.h"

#include <algorithm>

#include <boost/json.hpp>

#include "base/text.h"
#include "net/http/codec.h"

namespace berth::http {

std::string_view to_string(Method method) {
    switch (method) {
        case Method::get:
            return "GET";
        case Method::head:
            return "HEAD";
        case Method::post:
            return "POST";
        case Method::put:
            return "PUT";
        case Method::patch:
            return "PATCH";
        case Method::del:
            return "DELETE";
        case Method::options:
            return "OPTIONS";
        case Method::other:
            break;
    }
    return "OTHER";
}

std::optional<std::string_view> Headers::get(std::string_view name) const {
    for (const auto& [key, value] : fields_)
        if (equal_ignoring_case(key, name)) return value;
    return std::nullopt;
}

std::vector<std::string_view> Headers::get_all(std::string_view name) const {
    std::vector<std::string_view> values;
    for (const auto& [key, value] : fields_)
        if (equal_ignoring_case(key, name)) values.push_back(value);
    return values;
}

void Headers::set(std::string_view name, std::string value) {
    std::erase_if(fields_, [&](const auto& field) { return equal_ignoring_case(field.first, name); });
    add(name, std::move(value));
}

void Headers::add(std::string_view name, std::string value) { fields_.emplace_back(name, std::move(value)); }

Result<Query> Query::parse(std::string_view text) {
    constexpr std::size_t max_pairs = 1000;
    Query query;
    for (std::string_view pair : base::split(text, '&')) {
        if (pair.empty()) continue;
        if (query.pairs_.size() == max_pairs) return invalid_argument("the query has too many parameters");
        std::size_t equals = std::min(pair.find('='), pair.size());
        auto name = percent_decode(pair.substr(0, equals), true);
        auto value = percent_decode(pair.substr(std::min(equals + 1, pair.size())), true);
        if (!name || !value) return invalid_argument("the query holds an invalid escape");
        query.pairs_.emplace_back(std::move(*name), std::move(*value));
    }
    return query;
}

std::optional<std::string_view> Query::get(std::string_view name) const {
    for (const auto& [key, value] : pairs_)
        if (key == name) return value;
    return std::nullopt;
}

std::vector<std::string_view> Query::get_all(std::string_view name) const {
    std::vector<std::string_view> values;
    for (const auto& [key, value] : pairs_)
        if (key == name) values.push_back(value);
    return values;
}

const std::string& Request::path_parameter(std::string_view name) const {
    static const std::string none;
    for (const auto& [key, value] : path_parameters)
        if (key == name) return value;
    return none;
}

Result<Uuid> Request::path_uuid(std::string_view name) const {
    auto id = Uuid::parse(path_parameter(name));
    if (id) return *id;
    return invalid_argument("Invalid UUID in the path.")
        .with_field(std::string(name), "must be a UUID like 00000000-0000-0000-0000-000000000000");
}

std::optional<std::string_view> Request::cookie(std::string_view name) const {
    for (std::string_view line : headers.get_all("Cookie")) {
        for (std::string_view pair : base::split(line, ';')) {
            pair = base::trim(pair);
            std::size_t equals = pair.find('=');
            if (equals == std::string_view::npos || pair.substr(0, equals) != name) continue;
            std::string_view value = pair.substr(equals + 1);
            if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
                value = value.substr(1, value.size() - 2);
            return value;
        }
    }
    return std::nullopt;
}

bool Request::wants_websocket() const {
    auto upgrade = headers.get("Upgrade");
    return upgrade && equal_ignoring_case(*upgrade, "websocket") &&
           has_token(headers, "Connection", "upgrade");
}

Response Response::text(unsigned status, std::string body, std::string content_type) {
    Response response;
    response.status = status;
    response.headers.set("Content-Type", std::move(content_type));
    response.body = std::move(body);
    return response;
}

Response Response::json(unsigned status, std::string body) {
    return text(status, std::move(body), "application/json; charset=utf-8");
}

Response Response::websocket(WebSocketSession session, WebSocketOptions options) {
    Response response;
    response.status = 101;
    response.body = Upgrade{std::move(session), options};
    return response;
}

Response Response::streamed(StreamedBody body, std::string content_type) {
    Response response;
    response.headers.set("Content-Type", std::move(content_type));
    response.body = std::move(body);
    return response;
}

}  // namespace berth::http
