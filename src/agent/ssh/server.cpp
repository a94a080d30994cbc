#include "agent/ssh/server.h"

#include <sys/socket.h>
#include <unistd.h>

#include "agent/ssh/connection.h"

#include <libssh/callbacks.h>
#include <libssh/libssh.h>
#include <libssh/server.h>

namespace berth::agent::ssh {
namespace {

struct BindDeleter {
    void operator()(ssh_bind bind) const { ssh_bind_free(bind); }
};
using BindPtr = std::unique_ptr<ssh_bind_struct, BindDeleter>;

/// Between the tunnel and the library's socket, one direction.
asio::awaitable<void> pump(net::Stream* from, net::Stream* to) {
    std::vector<std::byte> buffer(net::copy_buffer);
    while (true) {
        auto got = co_await from->read_some(buffer);
        if (!got || *got == 0) break;
        auto written = co_await to->write(std::span(buffer).first(*got));
        if (!written) break;
    }
    // An SSH connection has no half-closed state: one end is the end of both.
    from->close();
    to->close();
}

class LibsshServer final : public Server {
public:
    LibsshServer(Context context, net::TaskGroup& reaper, BindPtr bind)
        : context_(std::move(context)), reaper_(reaper), bind_(std::move(bind)) {}

    asio::awaitable<void> serve(net::StreamPtr stream) override {
        auto executor = co_await asio::this_coro::executor;
        int ends[2];
        if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
            context_.log.error("cannot make a socket pair", field("error", std::strerror(errno)));
            co_return;
        }
        auto inner = net::stream_from_fd(executor, ends[0]);
        ssh_session session = ssh_new();
        if (session == nullptr || ssh_bind_accept_fd(bind_.get(), session, ends[1]) != SSH_OK) {
            context_.log.error("cannot start an SSH session", field("error", ssh_get_error(bind_.get())));
            // The library owns the descriptor once it was asked to take it.
            if (session == nullptr)
                ::close(ends[1]);
            else
                ssh_free(session);
            co_return;
        }
        ssh_set_blocking(session, 0);
        {
            Connection connection(executor, context_, reaper_, session, ends[1]);
            co_await net::TaskGroup::scope(context_.log, serve_in, &connection, stream.get(), inner.get());
        }
        stream->close();
    }

private:
    static asio::awaitable<void> serve_in(net::TaskGroup& group, Connection* connection, net::Stream* outer,
                                          net::Stream* inner) {
        group.spawn("ssh in", pump(outer, inner));
        group.spawn("ssh out", pump(inner, outer));
        co_await net::TaskGroup::scope(base::Logger("agent.ssh"), run_in, connection);
    }
    static asio::awaitable<void> run_in(net::TaskGroup& group, Connection* connection) {
        co_await connection->run(group);
    }

    Context context_;
    net::TaskGroup& reaper_;
    BindPtr bind_;
};

}  // namespace

Result<std::unique_ptr<Server>> Server::create(Context context, net::TaskGroup& reaper) {
    BindPtr bind(ssh_bind_new());
    if (!bind) return internal_error("cannot make an SSH server");
    ssh_key key = nullptr;
    if (ssh_pki_generate(SSH_KEYTYPE_ED25519, 0, &key) != SSH_OK)
        return internal_error("cannot make an SSH host key");
    bool process_config = false;
    // The bind owns the key from here on. The machine's own libssh configuration is none of ours.
    if (ssh_bind_options_set(bind.get(), SSH_BIND_OPTIONS_PROCESS_CONFIG, &process_config) != SSH_OK ||
        ssh_bind_options_set(bind.get(), SSH_BIND_OPTIONS_IMPORT_KEY, key) != SSH_OK)
        return internal_error("cannot set up the SSH server", ssh_get_error(bind.get()));
    return std::unique_ptr<Server>(
        std::make_unique<LibsshServer>(std::move(context), reaper, std::move(bind)));
}

}  // namespace berth::agent::ssh
