#pragma once

#include <deque>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <boost/asio/steady_timer.hpp>
#include <boost/json.hpp>

#include "net/runtime.h"
#include "provisioner/terraform/session.h"

namespace berth::terraform {

/// Plays the daemon at the other end of a session.
class FakeDaemon final : public SessionChannel {
public:
    explicit FakeDaemon(asio::any_io_executor executor)
        : changed_(std::move(executor), base::SteadyTime::max()) {}

    asio::awaitable<Result<std::optional<provisioner::Request>>> recv() override;
    asio::awaitable<Result<void>> send(provisioner::Response response) override;

    void push(provisioner::Request request);
    void finish();
    /// The next response that is no log; logs on the way are kept. An unset response when the session ended.
    asio::awaitable<provisioner::Response> response();
    /// Waits until a log line contains `text`; false when the session answered or ended without.
    asio::awaitable<bool> log_with(std::string text);
    void session_ended();

    std::vector<provisioner::Log> logs;
    [[nodiscard]] std::string log_text() const;

private:
    asio::awaitable<void> wait();

    std::deque<provisioner::Request> requests_;
    std::deque<provisioner::Response> responses_;
    bool finished_ = false;
    bool ended_ = false;
    asio::steady_timer changed_;
};

/// A temporary folder with a short path.
class TempFolder {
public:
    TempFolder();
    ~TempFolder();
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

/// Files of a template, by name.
void write_all(const TempFolder& folder, const std::vector<std::pair<std::string, std::string>>& files);

/// The path of the provider mirror's terraform.rc; throws with what to do when there is none.
std::string provider_mirror();
/// The real terraform with the mirror, working below `root`.
SessionOptions test_options(net::Runtime& runtime, const std::filesystem::path& root);

/// Runs `script` as the daemon of a real session; the session's own result is returned.
Result<void> with_session(net::Runtime& runtime, const SessionOptions& options,
                          const std::function<asio::awaitable<void>(FakeDaemon&)>& script);

/// A folder or a set of files as a plain tar.
std::string tar_of(const std::filesystem::path& folder);
std::string tar_of(const std::vector<std::pair<std::string, std::string>>& files);

/// SHA-256 as bytes.
std::string raw_hash(const std::string& data);

/// Whether the process runs; a zombie does not.
bool alive(pid_t pid);
/// The number in the file; 0 without one.
pid_t read_pid(const std::filesystem::path& path);

/// Requests of an ordinary build.
provisioner::Request config_request(const std::string& level = {});
provisioner::Request init_request(std::string archive);
provisioner::Metadata test_metadata(provisioner::WorkspaceTransition transition = provisioner::START);
provisioner::Request plan_request(provisioner::WorkspaceTransition transition = provisioner::START,
                                  std::string state = {});
provisioner::Request graph_request(provisioner::GraphSource source);
provisioner::Request apply_request(provisioner::WorkspaceTransition transition = provisioner::START);

/// A message as JSON with proto names, ids replaced by "<uuid>" and timings left out.
boost::json::value masked_json(const google::protobuf::Message& message);
/// With line breaks and sorted keys, for files that people read.
std::string pretty(const boost::json::value& value);

}  // namespace berth::terraform
