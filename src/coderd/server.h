#pragma once

#include <memory>
#include <string>

#include "base/asio.h"
#include "base/log.h"
#include "base/result.h"
#include "coderd/jobs/tags.h"
#include "coderd/options.h"
#include "coderd/parameters/evaluator.h"
#include "coderd/templates/tag_reader.h"
#include "net/runtime.h"
#include "net/stream.h"

namespace berth::coderd {

/// How a server learns what templates say; each may be null (see Context).
struct TemplateReaders {
    ParameterEvaluator* evaluator = nullptr;
    TagReader* tags = nullptr;
};

/// The control plane: database, routes, queue and listeners. Belongs to loop 0 of the runtime; requests run
/// on all.
class Server {
public:
    /// Starts the private PostgreSQL if no URL was given, migrates, and listens. `options.access_url` may be
    /// empty: it becomes the first listener's own address. What reads templates must outlive the server.
    static asio::awaitable<Result<std::unique_ptr<Server>>> start(net::Runtime& runtime,
                                                                  ServerOptions options, base::Logger log,
                                                                  TemplateReaders readers = {});
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    [[nodiscard]] const std::string& access_url() const;
    /// The port of the plain listener; 0 without one.
    [[nodiscard]] std::uint16_t http_port() const;

    /// A stream to the provisioner API for one of the server's own daemons, which runs on `daemon_loop`. The
    /// same code as for daemons elsewhere, over a socketpair. Call on loop 0.
    net::StreamPtr connect_provisioner(asio::any_io_executor daemon_loop, std::string name, Tags tags);

    /// The OpenAPI document of the routes.
    [[nodiscard]] std::string openapi() const;

    /// Stops listening, lets requests end, disconnects daemons, closes the database and stops the private
    /// PostgreSQL.
    asio::awaitable<void> stop();

private:
    struct Parts;
    explicit Server(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace berth::coderd
