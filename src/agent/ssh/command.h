#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "agent/environment.h"
#include "agent/ssh/channel.h"
#include "agent/ssh/terminal.h"

namespace berth::agent::ssh {

/// What the client has asked of one session channel so far.
struct SessionChannel {
    enum class Kind { none, shell, exec, sftp };

    explicit SessionChannel(ChannelPtr owned) : channel(std::move(owned)) {
        channel->on_agent_offer = [this] { agent_offered = true; };
    }
    ~SessionChannel() { channel->on_agent_offer = nullptr; }

    // Each says whether the request is accepted. Null texts stand for missing ones.
    bool open_terminal(const char* term, const TerminalSize& size);
    void resize_terminal(const TerminalSize& size) const;
    /// Every name is accepted, within bounds on number and size.
    bool set_variable(const char* name, const char* value);
    /// One program per channel; a second request is refused.
    bool request(Kind kind, const char* command);

    ChannelPtr channel;
    Kind kind = Kind::none;
    std::string command;
    std::string term;
    std::optional<Terminal> terminal;
    Variables variables;
    std::size_t variable_bytes = 0;
    bool agent_offered = false;
};

/// Waits for the client's request, runs the program and reports its end; ends when the channel closes.
asio::awaitable<void> run_session(Connection& connection, std::shared_ptr<SessionChannel> session);

}  // namespace berth::agent::ssh
