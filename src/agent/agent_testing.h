#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "agent.pb.h"
#include "agent/connection.h"
#include "net/drpc/server.h"
#include "net/runtime.h"
#include "net/task_group.h"
#include "net/yamux/session.h"

namespace berth::agent {

/// The server's side of an agent: real yamux and dRPC over socket pairs, answers as the test says, and a
/// record of all that came. Runs on the agent's loop; the record may be read from any thread.
class ScriptedServer {
public:
    explicit ScriptedServer(net::Runtime& runtime);
    ~ScriptedServer();

    /// For Options::dial.
    Dialer dialer();
    /// Refuse new connections with this error; nullopt lets them in again.
    void refuse(std::optional<Error> error);
    /// Breaks every connection there is.
    void drop_connections();
    /// A stream of the newest tunnel; throws when there is none within 10 s.
    net::StreamPtr open_tunnel_stream();

    struct Line {
        std::string source;
        std::string text;
        coder::agent::v2::Log::Level level;
    };
    struct Record {
        std::vector<std::string> targets;
        std::vector<coder::agent::v2::Startup> startups;
        std::vector<std::string> states;
        std::vector<Line> lines;
        std::vector<std::size_t> batches;
        std::vector<coder::agent::v2::Timing> timings;
        std::map<std::string, std::vector<coder::agent::v2::WorkspaceAgentMetadata::Result>> metadata;
        std::map<std::string, std::vector<int>> health;
        std::vector<coder::agent::v2::Stats> stats;
        std::vector<coder::agent::v2::Connection> connections;
    };
    Record record() const;
    [[nodiscard]] std::vector<std::string> states() const { return record().states; }

    /// What the answers are made of; set before the agent connects.
    coder::agent::v2::Manifest manifest;
    std::atomic<bool> log_limit_exceeded = false;

    /// Polls until it holds; false after 20 s.
    static bool eventually(const std::function<bool()>& predicate);

private:
    void add_handlers();
    asio::awaitable<Result<net::StreamPtr>> dial(std::string target);
    asio::awaitable<void> serve(std::string target, net::StreamPtr stream);
    static asio::awaitable<void> serve_in(net::TaskGroup& group, ScriptedServer* self, bool is_rpc,
                                          yamux::SessionPtr session);
    asio::awaitable<void> stop();
    asio::awaitable<void> drop();

    net::Runtime& runtime_;
    drpc::Server server_;
    std::unique_ptr<net::TaskGroup> group_;
    std::set<yamux::SessionPtr> sessions_;
    yamux::SessionPtr tunnel_;
    mutable std::mutex mutex_;
    Record record_;
    std::optional<Error> refusal_;
};

/// A directory that goes with the test.
class TestDirectory {
public:
    TestDirectory();
    ~TestDirectory();
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

}  // namespace berth::agent
