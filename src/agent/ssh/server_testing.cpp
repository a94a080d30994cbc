#include "agent/ssh/server_testing.h"

#include <csignal>

namespace berth::agent::ssh {

using asio::ip::tcp;

struct SshTest::Listening {
    explicit Listening(asio::any_io_executor executor)
        : group(executor, base::Logger("test")),
          reaper(executor, base::Logger("test")),
          acceptor(executor, tcp::endpoint(asio::ip::address_v4::loopback(), 0)) {}
    net::TaskGroup group;
    net::TaskGroup reaper;
    tcp::acceptor acceptor;
    std::unique_ptr<Server> server;
};

SshTest::SshTest() {
    std::signal(SIGPIPE, SIG_IGN);
    std::string pattern = (std::filesystem::temp_directory_path() / "berth-ssh-XXXXXX").string();
    home_ = ::mkdtemp(pattern.data());
    workspace_.base = process_environment();
    workspace_.account = current_account(workspace_.base);
    workspace_.account.home = home_;
    workspace_.workspace_name = "demo";
    workspace_.agent_name = "main";
    workspace_.variables["FROM_MANIFEST"] = "yes";
    runtime_.run(start());
}

SshTest::~SshTest() {
    runtime_.run(stop());
    std::error_code ignored;
    std::filesystem::remove_all(home_, ignored);
}

asio::awaitable<void> SshTest::start() {
    listening_ = std::make_unique<Listening>(co_await asio::this_coro::executor);
    Context context{workspace_, counters_, base::system_clock(), base::Logger("test")};
    context.sftp_server = sftp_server_;
    auto server = Server::create(std::move(context), listening_->reaper);
    listening_->server = std::move(server).value();
    port_ = listening_->acceptor.local_endpoint().port();
    listening_->group.spawn("accept", accept_all());
}

void SshTest::use_builtin_sftp() {
    runtime_.run(stop());
    sftp_server_.clear();
    runtime_.run(start());
}

asio::awaitable<void> SshTest::accept_all() {
    while (true) {
        auto socket = co_await listening_->acceptor.async_accept(asio::use_awaitable);
        auto stream = net::stream_from_fd(listening_->group.executor(), socket.release());
        listening_->group.spawn("connection", listening_->server->serve(std::move(stream)));
    }
}

asio::awaitable<void> SshTest::stop() {
    listening_->group.cancel();
    co_await listening_->group.join();
    listening_->reaper.cancel();
    co_await listening_->reaper.join();
    listening_.reset();
}

std::vector<std::string> SshTest::common_options() const {
    return {"-F", "/dev/null",
            "-o", "StrictHostKeyChecking=no",
            "-o", "UserKnownHostsFile=/dev/null",
            "-o", "LogLevel=ERROR",
            "-o", "BatchMode=yes",
            "-o", "Port=" + std::to_string(port_)};
}

net::Output SshTest::run(std::string program, std::vector<std::string> args, std::string input) {
    net::ProcessOptions options;
    options.program = std::move(program);
    options.args = std::move(args);
    options.env = to_environ(workspace_.base);
    options.cwd = home_;
    auto output = runtime_.run(net::run_process(std::move(options), std::move(input)));
    if (!output.ok()) throw std::runtime_error(output.error().to_string());
    return *output;
}

net::Output SshTest::ssh(std::vector<std::string> options, std::vector<std::string> command,
                         std::string input) {
    auto args = common_options();
    args.insert(args.end(), options.begin(), options.end());
    args.push_back("127.0.0.1");
    args.insert(args.end(), command.begin(), command.end());
    return run("ssh", args, std::move(input));
}

std::unique_ptr<net::Process> SshTest::start_ssh(std::vector<std::string> options,
                                                 std::vector<std::string> command) {
    net::ProcessOptions process;
    process.program = "ssh";
    process.args = common_options();
    process.args.insert(process.args.end(), options.begin(), options.end());
    process.args.push_back("127.0.0.1");
    process.args.insert(process.args.end(), command.begin(), command.end());
    process.env = to_environ(workspace_.base);
    process.in = net::StdIo::pipe;
    auto started = net::Process::start(runtime_.executor(0), std::move(process));
    return std::move(started).value();
}

namespace {
asio::awaitable<std::string> read_line(net::Stream* stream) {
    std::string line;
    std::byte one[1];
    while (true) {
        auto got = co_await stream->read_some(one);
        if (!got || *got == 0 || static_cast<char>(one[0]) == '\n') co_return line;
        line += static_cast<char>(one[0]);
    }
}
}  // namespace

std::string SshTest::output_line(net::Process& process) {
    return runtime_.run(read_line(process.stdout_stream()));
}

bool SshTest::eventually(const std::function<bool()>& predicate) {
    auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!predicate()) {
        if (std::chrono::steady_clock::now() > deadline) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return true;
}

}  // namespace berth::agent::ssh
