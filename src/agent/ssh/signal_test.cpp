#include <libssh/libssh.h>

#include "agent/ssh/server_testing.h"

namespace berth::agent::ssh {
namespace {

template <class T, void (*Free)(T*)>
struct Freed {
    void operator()(T* value) const { Free(value); }
};
using ClientSession = std::unique_ptr<ssh_session_struct, Freed<ssh_session_struct, ssh_free>>;
using ClientChannel = std::unique_ptr<ssh_channel_struct, Freed<ssh_channel_struct, ssh_channel_free>>;

/// What a command printed until `words` came, or its end.
std::string read_until(ssh_channel channel, const std::string& words) {
    std::string text;
    char buffer[4096];
    while (text.find(words) == std::string::npos) {
        int size = ssh_channel_read_timeout(channel, buffer, sizeof buffer, 0, 10'000);
        if (size <= 0) break;
        text.append(buffer, static_cast<std::size_t>(size));
    }
    return text;
}

class SignalTest : public SshTest {
protected:
    void SetUp() override {
        session_.reset(ssh_new());
        int port = port_;
        int no = 0;
        ssh_options_set(session_.get(), SSH_OPTIONS_HOST, "127.0.0.1");
        ssh_options_set(session_.get(), SSH_OPTIONS_PORT, &port);
        ssh_options_set(session_.get(), SSH_OPTIONS_USER, "coder");
        ssh_options_set(session_.get(), SSH_OPTIONS_PROCESS_CONFIG, &no);
        ASSERT_EQ(ssh_connect(session_.get()), SSH_OK) << ssh_get_error(session_.get());
        ASSERT_EQ(ssh_userauth_none(session_.get(), nullptr), SSH_AUTH_SUCCESS);
    }
    ClientChannel start(const std::string& command) {
        ClientChannel channel(ssh_channel_new(session_.get()));
        EXPECT_EQ(ssh_channel_open_session(channel.get()), SSH_OK);
        EXPECT_EQ(ssh_channel_request_exec(channel.get(), command.c_str()), SSH_OK);
        return channel;
    }

    ClientSession session_;
};

// OpenSSH's client never sends this request; other clients do.
TEST_F(SignalTest, ReachesTheCommand) {
    struct Row {
        const char* name;
        const char* seen;
    };
    const Row rows[] = {{"USR1", "USR1"}, {"INT", "INT"}, {"TERM", "TERM"}, {"HUP", "HUP"}};
    for (const auto& row : rows) {
        auto channel = start(
            "for s in USR1 INT TERM HUP; do trap \"echo seen $s; exit 9\" $s; done; echo ready; "
            "while :; do sleep 0.05; done");
        ASSERT_NE(read_until(channel.get(), "ready\n").find("ready\n"), std::string::npos) << row.name;
        ASSERT_EQ(ssh_channel_request_send_signal(channel.get(), row.name), SSH_OK) << row.name;
        auto wanted = std::string("seen ") + row.seen + "\n";
        EXPECT_NE(read_until(channel.get(), wanted).find(wanted), std::string::npos) << row.name;
    }
}

TEST_F(SignalTest, OfAnUnknownNameChangesNothing) {
    auto channel = start("trap 'echo seen' USR1; echo ready; read line; echo \"got $line\"");
    ASSERT_NE(read_until(channel.get(), "ready\n").find("ready\n"), std::string::npos);
    ASSERT_EQ(ssh_channel_request_send_signal(channel.get(), "NONSENSE"), SSH_OK);
    ssh_channel_write(channel.get(), "on\n", 3);
    EXPECT_EQ(read_until(channel.get(), "got on\n"), "got on\n");
}

}  // namespace
}  // namespace berth::agent::ssh
