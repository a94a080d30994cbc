#include "agent/ssh/server_testing.h"

#include <csignal>
#include <fstream>

#include "base/crypto.h"
#include "base/text.h"

namespace berth::agent::ssh {
namespace {

std::string random_bytes(std::size_t size) {
    std::string data(size, '\0');
    base::fill_random({reinterpret_cast<std::uint8_t*>(data.data()), data.size()});
    return data;
}

std::string slurp(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

struct ExecCase {
    const char* name;
    std::vector<std::string> options;
    std::string command;
    std::string input;
    int code;
    std::string out;
    std::string err;
};

TEST_F(SshTest, Exec) {
    const ExecCase cases[] = {
        {"no such program", {}, "exec /no/such/program 2>/dev/null", "", 127, "", ""},
        {"exit code", {}, "exit 7", "", 7, "", ""},
        {"killed by a signal", {}, "kill -TERM $$", "", 255, "", ""},
        {"separate outputs", {}, "echo out; echo err >&2; exit 3", "", 3, "out\n", "err\n"},
        {"input until its end", {}, "cat", "one\ntwo\n", 0, "one\ntwo\n", ""},
        {"input nobody reads", {}, "exit 0", std::string(3 << 20, 'x'), 0, "", ""},
        {"manifest variable",
         {},
         "echo $FROM_MANIFEST $CODER $CODER_WORKSPACE_NAME",
         "",
         0,
         "yes true demo\n",
         ""},
        {"variable of the client",
         {"-o", "SetEnv=ANY_NAME=\"a b\""},
         "echo \"$ANY_NAME\"",
         "",
         0,
         "a b\n",
         ""},
        {"kind of session is not passed on",
         {"-o", "SetEnv=CODER_SSH_SESSION_TYPE=VSCode"},
         "echo \"[$CODER_SSH_SESSION_TYPE]\"",
         "",
         0,
         "[]\n",
         ""},
        {"terminal", {"-tt"}, "stty size; test -t 0 && echo $TERM", "", 0, "0 0\r\nxterm-test\r\n", ""},
        {"background program does not hold the session",
         {},
         "sleep 30 >/dev/null 2>&1 </dev/null & echo ok",
         "",
         0,
         "ok\n",
         ""},
    };
    workspace_.base["TERM"] = "xterm-test";
    for (const auto& test : cases) {
        SCOPED_TRACE(test.name);
        auto output = ssh(test.options, {test.command}, test.input);
        EXPECT_EQ(output.status.code, test.code);
        EXPECT_EQ(output.out, test.out);
        EXPECT_EQ(output.err, test.err);
    }
    EXPECT_TRUE(
        eventually([&] { return counters_.sessions["ssh"] == 0 && counters_.sessions["vscode"] == 0; }));
}

TEST_F(SshTest, UnknownSubsystemIsRefused) {
    auto output = ssh({"-s"}, {"netconf"});
    EXPECT_EQ(output.status.code, 255);
    EXPECT_EQ(ssh({}, {"echo alive"}).out, "alive\n");
}

TEST_F(SshTest, BytesSurviveBothWaysAndRekeying) {
    std::string data = random_bytes(8 << 20);
    for (const char* cipher : {"aes128-gcm@openssh.com", "chacha20-poly1305@openssh.com", "aes256-ctr"}) {
        SCOPED_TRACE(cipher);
        auto output = ssh({"-c", cipher}, {"cat"}, data);
        EXPECT_EQ(output.status.code, 0);
        EXPECT_EQ(base::sha256_hex(output.out), base::sha256_hex(data));
    }
    auto rekeyed = ssh({"-o", "RekeyLimit=1M"}, {"cat"}, data);
    EXPECT_EQ(rekeyed.status.code, 0);
    EXPECT_EQ(base::sha256_hex(rekeyed.out), base::sha256_hex(data));
}

TEST_F(SshTest, WindowChangeReachesTheProgram) {
    // A local terminal of our own, so that the client has a size to send.
    auto script = home_ / "resize.sh";
    std::ofstream(script)
        << "trap 'stty size; exit 0' WINCH; stty size; echo ready; while :; do sleep 0.05; done\n";
    auto output = run("script", {"-qec",
                                 "stty rows 24 cols 80; (sleep 1; stty rows 50 cols 132 < /dev/tty) & "
                                 "exec ssh -tt " +
                                     base::join(common_options(), " ") + " 127.0.0.1 sh " + script.string(),
                                 "/dev/null"});
    EXPECT_EQ(output.status.code, 0);
    EXPECT_NE(output.out.find("24 80"), std::string::npos) << output.out;
    EXPECT_NE(output.out.find("50 132"), std::string::npos) << output.out;
}

TEST_F(SshTest, InteractiveShellShowsTheMessageOfTheDay) {
    std::ofstream(home_ / "motd") << "welcome\nto demo";
    workspace_.motd_path = home_ / "motd";
    auto greeted = ssh({"-tt"}, {}, "exit 5\n");
    EXPECT_EQ(greeted.status.code, 5);
    EXPECT_EQ(greeted.out.find("welcome\r\nto demo\r\n"), 0U) << greeted.out;
    std::ofstream(home_ / ".hushlogin") << "";
    auto hushed = ssh({"-tt"}, {}, "exit 0\n");
    EXPECT_EQ(hushed.out.find("welcome"), std::string::npos);
}

TEST_F(SshTest, WorkingDirectoryIsTheManifests) {
    std::filesystem::create_directory(home_ / "project");
    workspace_.directory = home_ / "project";
    EXPECT_EQ(ssh({}, {"pwd -P"}).out, std::filesystem::canonical(home_ / "project").string() + "\n");
    workspace_.directory = home_ / "missing";
    EXPECT_EQ(ssh({}, {"pwd -P"}).out, std::filesystem::canonical(home_).string() + "\n");
}

TEST_F(SshTest, SixtyFourChannelsOfOneConnection) {
    auto socket = (home_ / "mux").string();
    auto master = start_ssh({"-M", "-S", socket, "-N"}, {});
    ASSERT_TRUE(eventually([&] { return std::filesystem::exists(socket); }));
    std::string script =
        "for i in $(seq 64); do (ssh -S " + socket + " " + base::join(common_options(), " ") +
        " 127.0.0.1 'head -c 100000 /dev/zero | wc -c; sleep 0.5; echo end '$i) & done; wait";
    auto output = run("bash", {"-c", script});
    std::size_t ends = 0;
    std::size_t sizes = 0;
    for (auto line : base::split(output.out, '\n')) {
        if (line.starts_with("end ")) ++ends;
        if (line == "100000") ++sizes;
    }
    EXPECT_EQ(ends, 64U) << output.err;
    EXPECT_EQ(sizes, 64U);
    master->signal(SIGTERM);
}

TEST_F(SshTest, BrokenConnectionEndsItsCommands) {
    auto pid_file = home_ / "pids";
    auto client = start_ssh({}, {"sh -c 'trap \"\" HUP; sleep 1000 & echo $! >> " + pid_file.string() +
                                 "; echo started; exec sleep 1000'"});
    ASSERT_EQ(output_line(*client), "started");
    auto grandchild = base::parse_int<pid_t>(base::trim(slurp(pid_file)));
    ASSERT_TRUE(grandchild.has_value());
    EXPECT_EQ(::kill(*grandchild, 0), 0);
    client->signal(SIGKILL);
    // Both ignore SIGHUP, so it is the SIGKILL that follows which ends them.
    EXPECT_TRUE(eventually([&] { return ::kill(*grandchild, 0) != 0; }));
}

TEST_F(SshTest, SignalsOfTheTerminalReachTheCommand) {
    // Ctrl-C is typed only once the command says that it traps it.
    auto seen = home_ / "seen";
    std::ofstream(seen).close();
    std::vector<std::string> args{
        "-c", R"({ until grep -q ready "$0"; do sleep 0.02; done; printf '\003'; } | "$@" > "$0")", seen,
        "ssh"};
    auto options = common_options();
    args.insert(args.end(), options.begin(), options.end());
    for (const char* more :
         {"-tt", "127.0.0.1", "trap 'echo caught; exit 9' INT; echo ready; while :; do sleep 0.05; done"})
        args.emplace_back(more);
    auto output = run("sh", args);
    EXPECT_EQ(output.status.code, 9);
    EXPECT_NE(slurp(seen).find("caught"), std::string::npos) << slurp(seen);
}

TEST_F(SshTest, CopiesFiles) {
    std::string data = random_bytes(3 << 20);
    std::ofstream(home_ / "source", std::ios::binary) << data;
    for (bool builtin : {false, true}) {
        SCOPED_TRACE(builtin ? "built in" : "sftp-server");
        if (builtin) use_builtin_sftp();
        auto folder = home_ / (builtin ? "b" : "a");
        std::filesystem::create_directory(folder);
        auto options = common_options();
        auto remote = "127.0.0.1:" + (folder / "remote").string();
        auto with = [&](std::vector<std::string> more) {
            auto args = options;
            args.insert(args.end(), more.begin(), more.end());
            return args;
        };
        auto scp = run("scp", with({"-p", (home_ / "source").string(), remote}));
        ASSERT_EQ(scp.status.code, 0) << scp.err;
        EXPECT_EQ(slurp(folder / "remote"), data);
        auto seconds = [](const std::filesystem::path& path) {
            return std::chrono::floor<std::chrono::seconds>(std::filesystem::last_write_time(path));
        };
        EXPECT_TRUE(seconds(folder / "remote") == seconds(home_ / "source"));
        ASSERT_EQ(run("scp", with({"-O", remote, (folder / "back").string()})).status.code, 0);
        EXPECT_EQ(slurp(folder / "back"), data);
        // Relative names start in the home directory.
        std::string here = folder.filename().string();
        auto sftp =
            run("sftp", with({"-b", "-", "127.0.0.1"}),
                "cd " + here + "\nget remote " + here + "/fetched\nmkdir made\nput source made/put\n" +
                    "rename made/put made/renamed\nln -s renamed made/link\nchmod 600 made/renamed\nls -l "
                    "made\n");
        EXPECT_EQ(sftp.status.code, 0) << sftp.err;
        EXPECT_EQ(slurp(folder / "fetched"), data);
        EXPECT_EQ(slurp(folder / "made" / "link"), data);
        EXPECT_NE(sftp.out.find("-rw-------"), std::string::npos) << sftp.out;
        EXPECT_NE(run("sftp", with({"-b", "-", "127.0.0.1"}), "get no-such-file\n").status.code, 0);
        EXPECT_NE(run("sftp", with({"-b", "-", "127.0.0.1"}), "rmdir " + here + "\n").status.code, 0);
        auto rsync =
            run("rsync", {"-a", "-e", "ssh " + base::join(options, " "), (folder / "made").string() + "/",
                          "127.0.0.1:" + (folder / "synced").string() + "/"});
        EXPECT_EQ(rsync.status.code, 0) << rsync.err;
        EXPECT_EQ(slurp(folder / "synced" / "renamed"), data);
    }
}

TEST_F(SshTest, ForwardsTheAuthenticationAgent) {
    auto output =
        run("sh", {"-c",
                   "eval $(ssh-agent) >/dev/null; ssh-keygen -q -t ed25519 -N '' -C forwarded-key -f key;"
                   "ssh-add -q key; ssh -A " +
                       base::join(common_options(), " ") +
                       " 127.0.0.1 'ssh-add -l; ssh-add -l; echo $SSH_AUTH_SOCK'; ssh-agent -k >/dev/null"});
    EXPECT_NE(output.out.find("forwarded-key"), std::string::npos) << output.err;
    auto lines = base::split(output.out, '\n');
    ASSERT_GE(lines.size(), 3U);
    EXPECT_EQ(lines[0], lines[1]);
    std::string socket(lines[2]);
    EXPECT_TRUE(
        eventually([&] { return !std::filesystem::exists(std::filesystem::path(socket).parent_path()); }));
}

TEST_F(SshTest, AnswersKeepalives) {
    auto output =
        ssh({"-o", "ServerAliveInterval=1", "-o", "ServerAliveCountMax=1"}, {"sleep 3; echo alive"});
    EXPECT_EQ(output.out, "alive\n") << output.err;
}

TEST_F(SshTest, HostileClientsEndTheirConnectionOnly) {
    for (const std::string& bytes :
         {std::string(), std::string("GET / HTTP/1.1\r\n\r\n"), std::string(300'000, 'A'),
          "SSH-2.0-x\r\n" + random_bytes(100'000), std::string("SSH-1.0-old\r\n")}) {
        auto output = run("python3",
                          {"-c",
                           "import socket,sys\n"
                           "s=socket.create_connection(('127.0.0.1',int(sys.argv[1])))\n"
                           "d=sys.stdin.buffer.read()\n"
                           "try:\n"
                           "  s.sendall(d); s.shutdown(socket.SHUT_WR)\n"
                           "  while s.recv(65536): pass\n"
                           "except OSError: pass\n"
                           "print('ended')\n",
                           std::to_string(port_)},
                          bytes);
        EXPECT_EQ(output.out, "ended\n") << output.err;
    }
    EXPECT_EQ(ssh({}, {"echo alive"}).out, "alive\n");
}

// An upper-case echo server in the workspace, or at the client: half-closed connections must carry its
// answer.
constexpr const char* echo_server =
    "import socket,sys\n"
    "s=socket.socket(); s.bind(('127.0.0.1',0)); s.listen(); print(s.getsockname()[1],flush=True)\n"
    "while True:\n"
    "  c,_=s.accept(); d=b''\n"
    "  while True:\n"
    "    b=c.recv(65536)\n"
    "    if not b: break\n"
    "    d+=b\n"
    "  c.sendall(d.upper()); c.close()\n";
constexpr const char* echo_client =
    "import socket,sys\n"
    "d=b'abc'*1000000\n"
    "for i in range(100):\n"
    "  try: c=socket.create_connection(('127.0.0.1',int(sys.argv[1]))); break\n"
    "  except OSError: __import__('time').sleep(0.05)\n"
    "c.sendall(d); c.shutdown(socket.SHUT_WR); r=b''\n"
    "while True:\n"
    "  b=c.recv(65536)\n"
    "  if not b: break\n"
    "  r+=b\n"
    "print(r==d.upper())\n";

/// A port that was free a moment ago. Each use takes another one, because a port just used lingers.
std::string free_port() {
    asio::io_context context;
    asio::ip::tcp::acceptor acceptor(context, {asio::ip::address_v4::loopback(), 0});
    return std::to_string(acceptor.local_endpoint().port());
}

TEST_F(SshTest, ForwardsPortsBothWays) {
    net::ProcessOptions options;
    options.program = "python3";
    options.args = {"-c", echo_server};
    options.env = to_environ(workspace_.base);
    auto server = net::Process::start(runtime_.executor(0), options);
    ASSERT_TRUE(server.ok());
    auto target = output_line(**server);
    struct Case {
        const char* name;
        const char* option;
        const char* host;
    };
    for (const auto& [name, option, host] :
         {Case{"local", "-L", "127.0.0.1"}, Case{"local by name", "-L", "localhost"},
          Case{"remote", "-R", "127.0.0.1"}}) {
        SCOPED_TRACE(name);
        std::string port = free_port();
        // With the address named, so that ssh cannot fall back to IPv6 alone.
        std::string value = "127.0.0.1:" + port + ":" + host + ":" + target;
        auto client = start_ssh({option, value, "-o", "ExitOnForwardFailure=yes"}, {"echo up; cat"});
        ASSERT_EQ(output_line(*client), "up");
        auto result = run("python3", {"-c", echo_client, port});
        EXPECT_EQ(result.out, "True\n") << result.err;
        client->signal(SIGTERM);
        runtime_.run(client->wait());
    }
    // Nobody listens there: the client is told so, and the connection lives on.
    std::string fixed = free_port();
    auto refused = start_ssh({"-L", "127.0.0.1:" + fixed + ":127.0.0.1:1"}, {"echo up; cat"});
    ASSERT_EQ(output_line(*refused), "up");
    EXPECT_NE(run("python3", {"-c", echo_client, fixed}).out, "True\n");
    EXPECT_EQ(ssh({}, {"echo alive"}).out, "alive\n");
}

}  // namespace
}  // namespace berth::agent::ssh
