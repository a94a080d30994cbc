#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "agent/ssh/server.h"
#include "net/process.h"
#include "net/runtime.h"

#include <boost/asio/ip/tcp.hpp>

namespace berth::agent::ssh {

/// The agent's SSH server behind a loopback port, and the real OpenSSH programs to talk to it.
class SshTest : public ::testing::Test {
protected:
    SshTest();
    ~SshTest() override;

    /// `ssh [options...] host [command...]`
    net::Output ssh(std::vector<std::string> options, std::vector<std::string> command,
                    std::string input = {});
    /// Any program with the options that lead its ssh to the server, as one text for `-e` or several for
    /// `-o`.
    net::Output run(std::string program, std::vector<std::string> args, std::string input = {});
    /// Starts the server anew, as on a machine without sftp-server.
    void use_builtin_sftp();
    std::unique_ptr<net::Process> start_ssh(std::vector<std::string> options,
                                            std::vector<std::string> command);
    std::vector<std::string> common_options() const;
    /// Waits up to 10 s until `predicate` holds.
    static bool eventually(const std::function<bool()>& predicate);
    std::string output_line(net::Process& process);

    std::filesystem::path home_;
    Workspace workspace_;
    Counters counters_;
    std::uint16_t port_ = 0;
    std::filesystem::path sftp_server_ = find_sftp_server();
    net::Runtime runtime_{1};

private:
    struct Listening;
    asio::awaitable<void> accept_all();
    asio::awaitable<void> start();
    asio::awaitable<void> stop();
    std::unique_ptr<Listening> listening_;
};

}  // namespace berth::agent::ssh
