#include <optional>

#include "agent/connection.h"
#include "agent/relay.h"
#include "net/process.h"
#include "net/signal.h"

namespace berth::agent {
namespace {

constexpr std::size_t first_line_limit = 4096;
constexpr auto first_line_timeout = std::chrono::seconds(10);

struct Opening {
    std::string kind;
    std::string command;
    std::string host;
    std::uint16_t port = 0;
};

Result<Opening> parse_opening(std::string_view line) {
    boost::json::parse_options options;
    options.max_depth = 4;
    boost::system::error_code error;
    auto value = boost::json::parse(line, error, {}, options);
    if (error || !value.is_object()) return invalid_argument("the first line is not a JSON object");
    const auto& object = value.as_object();
    auto text = [&object](const char* name) {
        const auto* found = object.if_contains(name);
        return found != nullptr && found->is_string() ? std::string(found->as_string()) : std::string();
    };
    Opening opening{text("kind"), text("command"), text("host"), 0};
    if (opening.kind == "exec" && opening.command.empty()) return invalid_argument("exec needs a command");
    if (opening.kind == "tcp") {
        const auto* port = object.if_contains("port");
        auto number = port == nullptr ? 0 : port->is_int64() ? port->as_int64() : 0;
        if (number < 1 || number > 65535) return invalid_argument("tcp needs a port between 1 and 65535");
        opening.port = static_cast<std::uint16_t>(number);
        if (opening.host.empty()) opening.host = "localhost";
    } else if (opening.kind != "ssh" && opening.kind != "exec") {
        return invalid_argument("unknown kind of stream", opening.kind.substr(0, 64));
    }
    return opening;
}

/// One byte at a time, because what follows the line belongs to others; the stream holds its bytes in memory.
asio::awaitable<void> read_line(net::Stream* stream, std::optional<Result<std::string>>* result) {
    std::string line;
    std::byte one[1];
    while (line.size() <= first_line_limit) {
        auto got = co_await stream->read_some(one);
        if (!got || *got == 0) {
            result->emplace(unavailable("the stream ended before its first line did"));
            co_return;
        }
        char c = static_cast<char>(one[0]);
        if (c == '\n') {
            result->emplace(std::move(line));
            co_return;
        }
        line += c;
    }
    result->emplace(Error(ErrorCode::too_large, "the first line is too long"));
}

asio::awaitable<void> close_late(net::Stream* stream, base::Clock* clock) {
    co_await clock->sleep(first_line_timeout);
    stream->close();
}

asio::awaitable<void> read_in_time(net::TaskGroup& group, net::Stream* stream, base::Clock* clock,
                                   std::optional<Result<std::string>>* result) {
    group.spawn("first line", close_late(stream, clock));
    co_await read_line(stream, result);
}

asio::awaitable<bool> accept(net::Stream& stream) {
    auto written = co_await stream.write(net::as_bytes("{\"ok\":true}\n"));
    co_return written.ok();
}

asio::awaitable<void> refuse(net::Stream& stream, const Error& error) {
    boost::json::object object;
    object["error"] = error.message();
    std::string line = boost::json::serialize(object) + "\n";
    auto sent = co_await stream.write(net::as_bytes(line));
    if (!sent) co_return;
    auto shut = co_await stream.shutdown_write();
    (void)shut;
}

/// Lives as long as a stream is served.
class Counting {
public:
    Counting(Counters& counters, std::string kind) : counters_(counters), kind_(std::move(kind)) {
        ++counters_.connections[kind_];
    }
    ~Counting() { --counters_.connections[kind_]; }
    Counting(const Counting&) = delete;
    Counting& operator=(const Counting&) = delete;

private:
    Counters& counters_;
    std::string kind_;
};

/// A command whose two outputs share the stream.
struct Execution {
    explicit Execution(asio::any_io_executor executor) : changed(std::move(executor)) {}
    std::unique_ptr<net::Process> process;
    net::StreamPtr stream;
    net::Signal changed;
    int outputs = 2;
    bool writing = false;
    bool gone = false;
};

asio::awaitable<void> send_output(Execution* execution, net::Stream* from) {
    std::vector<std::byte> buffer(net::copy_buffer);
    while (!execution->gone) {
        auto got = co_await from->read_some(buffer);
        if (!got || *got == 0) break;
        while (execution->writing)
            co_await execution->changed.wait();
        execution->writing = true;
        auto written = co_await execution->stream->write(std::span(buffer).first(*got));
        execution->writing = false;
        if (!written) execution->gone = true;
        execution->changed.notify();
    }
    --execution->outputs;
    execution->changed.notify();
}

asio::awaitable<void> feed_input(Execution* execution) {
    auto copied = co_await net::copy(*execution->stream, *execution->process->stdin_stream());
    if (copied) co_return;
    // A command that has closed its input is fine; a peer that has gone is not.
    std::byte probe[1];
    auto more = co_await execution->stream->read_some(probe);
    if (more) co_return;
    execution->gone = true;
    execution->changed.notify();
}

asio::awaitable<void> run_command(net::TaskGroup& group, Execution* execution) {
    group.spawn("input", feed_input(execution));
    group.spawn("stdout", send_output(execution, execution->process->stdout_stream()));
    group.spawn("stderr", send_output(execution, execution->process->stderr_stream()));
    while (execution->outputs > 0 && !execution->gone)
        co_await execution->changed.wait();
    if (execution->gone) co_return;
    auto status = co_await execution->process->wait();
    (void)status;
    execution->process->spare_group();
}

}  // namespace

Tunnel::Tunnel(const Workspace& workspace, ssh::Server& ssh, Counters& counters, base::Clock& clock,
               base::Logger log)
    : workspace_(workspace), ssh_(ssh), counters_(counters), clock_(clock), log_(std::move(log)) {}

asio::awaitable<void> Tunnel::serve(yamux::SessionPtr session) {
    co_await net::TaskGroup::scope(log_, accept_all, this, std::move(session));
}

asio::awaitable<void> Tunnel::accept_all(net::TaskGroup& group, Tunnel* self, yamux::SessionPtr session) {
    while (true) {
        auto stream = co_await session->accept();
        if (!stream) co_return;
        group.spawn("tunnel stream", self->serve_stream(std::move(*stream)));
    }
}

asio::awaitable<void> Tunnel::serve_stream(net::StreamPtr stream) {
    std::optional<Result<std::string>> line;
    co_await net::TaskGroup::scope(log_, read_in_time, stream.get(), &clock_, &line);
    if (!line) co_return;
    auto opening = line->ok() ? parse_opening(**line) : Result<Opening>(line->error());
    if (!opening) {
        log_.info("stream refused", field("error", opening.error()));
        co_await refuse(*stream, opening.error());
        co_return;
    }
    Counting counting(counters_, opening->kind);
    if (opening->kind == "tcp") {
        co_await serve_tcp(std::move(stream), opening->host, opening->port);
    } else if (opening->kind == "exec") {
        co_await serve_exec(std::move(stream), opening->command);
    } else {
        auto sent = co_await accept(*stream);
        if (sent) co_await ssh_.serve(std::move(stream));
    }
}

asio::awaitable<void> Tunnel::serve_tcp(net::StreamPtr stream, std::string host, std::uint16_t port) {
    auto target = co_await connect_tcp(std::move(host), port);
    if (!target) {
        co_await refuse(*stream, target.error());
        co_return;
    }
    auto sent = co_await accept(*stream);
    if (!sent) co_return;
    Relayed bytes;
    co_await relay(*stream, **target, bytes, log_);
    counters_.received_bytes += static_cast<std::int64_t>(bytes.forward);
    counters_.sent_bytes += static_cast<std::int64_t>(bytes.backward);
}

asio::awaitable<void> Tunnel::serve_exec(net::StreamPtr stream, std::string command) {
    auto executor = co_await asio::this_coro::executor;
    net::ProcessOptions options;
    options.program = workspace_.account.shell;
    options.args = {"-c", std::move(command)};
    options.env = to_environ(workspace_.command_environment());
    options.cwd = workspace_.working_directory();
    options.in = net::StdIo::pipe;
    options.new_session = true;
    auto process = net::Process::start(executor, std::move(options));
    if (!process) {
        co_await refuse(*stream, process.error());
        co_return;
    }
    auto sent = co_await accept(*stream);
    if (!sent) co_return;
    Execution execution(executor);
    execution.process = std::move(*process);
    execution.stream = std::move(stream);
    co_await net::TaskGroup::scope(log_, run_command, &execution);
    auto shut = co_await execution.stream->shutdown_write();
    (void)shut;
}

}  // namespace berth::agent
