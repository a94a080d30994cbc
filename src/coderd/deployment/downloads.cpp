#include "coderd/deployment/downloads.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/crypto.h"
#include "base/init_script.h"
#include "base/text.h"

namespace berth::coderd {
namespace {

// One architecture is built: the one this program runs on.
#if defined(__aarch64__)
constexpr std::string_view binary_name = "coder-linux-arm64";
#else
constexpr std::string_view binary_name = "coder-linux-amd64";
#endif

/// Empty when the file cannot be read.
std::string sha1_of_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return {};
    std::ostringstream content;
    content << file.rdbuf();
    return base::sha1_hex(std::move(content).str());
}

bool matches(std::optional<std::string_view> if_none_match, const std::string& etag) {
    return if_none_match && (*if_none_match == "\"" + etag + "\"" || *if_none_match == etag);
}

}  // namespace

void DownloadRoutes::register_routes(Routes& routes) {
    routes.raw({http::Method::get, "/bin/{file}", "Download the berth binary", Access::open},
               bind(this, &DownloadRoutes::binary));
    routes.raw(
        {http::Method::get, "/api/v2/init-script/{os}/{arch}", "Get the agent's init script", Access::open},
        bind(this, &DownloadRoutes::init_script));
}

asio::awaitable<Result<http::Response>> DownloadRoutes::binary(const Request& request) {
    if (request.path("file") != binary_name) co_return not_found("There is no such binary.");
    auto etag = co_await binary_etag();
    if (!etag) co_return etag.error();
    http::Response response;
    response.headers.set("ETag", "\"" + *etag + "\"");
    if (matches(request.http().headers.get("If-None-Match"), *etag)) {
        response.status = 304;
        co_return response;
    }
    response.headers.set("Content-Type", "application/octet-stream");
    response.body = http::FileBody{context_.options.agent_binary};
    co_return response;
}

asio::awaitable<Result<http::Response>> DownloadRoutes::init_script(const Request& request) {
    auto script = base::init_script(request.path("os"), request.path("arch"));
    if (!script) co_return invalid_argument("There is no agent for this operating system and architecture.");
    std::string text = base::replace_all(*script, "${ACCESS_URL}", context_.options.access_url + "/");
    text = base::replace_all(std::move(text), "${AUTH_TYPE}", "token");
    co_return http::Response::text(200, std::move(text));
}

asio::awaitable<Result<std::string>> DownloadRoutes::binary_etag() {
    {
        std::lock_guard lock(mutex_);
        if (!etag_.empty()) co_return etag_;
    }
    auto path = context_.options.agent_binary;
    // With a name: g++ 12 destroys captures twice when a closure is a temporary of the co_await.
    auto work = [path] { return sha1_of_file(path); };
    auto digest = co_await net::run_on(context_.runtime.workers(), std::move(work));
    if (digest.empty()) co_return internal_error("the agent binary cannot be read");
    std::lock_guard lock(mutex_);
    etag_ = digest;
    co_return etag_;
}

}  // namespace berth::coderd
