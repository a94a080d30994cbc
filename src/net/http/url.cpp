#include "base/text.h"
#include "net/http/client.h"
#include "net/http/codec.h"

namespace berth::http {

Result<Url> Url::parse(std::string_view text) {
    auto refuse = [&](std::string_view why) {
        return invalid_argument("the URL is malformed", std::string(why));
    };
    Url url;
    std::size_t colon = text.find("://");
    if (colon == std::string_view::npos) return refuse("it needs a scheme like https://");
    url.scheme = base::to_lower(text.substr(0, colon));
    if (url.scheme != "http" && url.scheme != "https") return refuse("the scheme must be http or https");
    text.remove_prefix(colon + 3);
    for (char c : text)
        if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7f || c == '\\')
            return refuse("it holds a blank");
    std::size_t slash = std::min(text.find_first_of("/?#"), text.size());
    std::string_view authority = text.substr(0, slash);
    std::string_view path = text.substr(slash);
    path = path.substr(0, path.find_first_of("?#"));
    if (authority.find('@') != std::string_view::npos) return refuse("it must not hold a user name");
    std::string_view port;
    if (authority.starts_with('[')) {
        std::size_t end = authority.find(']');
        if (end == std::string_view::npos) return refuse("the address has no closing bracket");
        url.host = authority.substr(1, end - 1);
        std::string_view rest = authority.substr(end + 1);
        if (!rest.empty() && rest.front() != ':') return refuse("the port is malformed");
        port = rest;
    } else {
        std::size_t at = std::min(authority.find(':'), authority.size());
        url.host = base::to_lower(authority.substr(0, at));
        port = authority.substr(at);
    }
    if (url.host.empty()) return refuse("it needs a host");
    url.port = url.scheme == "https" ? 443 : 80;
    if (port.size() > 1) {
        auto number = base::parse_int<std::uint16_t>(port.substr(1));
        if (!number || *number == 0) return refuse("the port is malformed");
        url.port = *number;
    }
    while (path.ends_with('/'))
        path.remove_suffix(1);
    url.path = path;
    return url;
}

std::string Url::to_string() const {
    bool usual = port == (scheme == "https" ? 443 : 80);
    bool bare_v6 = host.find(':') != std::string::npos;
    std::string text = scheme + "://";
    text += bare_v6 ? "[" + host + "]" : host;
    if (!usual) text += ":" + std::to_string(port);
    return text + path;
}

}  // namespace berth::http
