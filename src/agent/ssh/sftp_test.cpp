#include "agent/ssh/sftp.h"

#include <fstream>

#include <gtest/gtest.h>

#include "agent/agent_testing.h"
#include "agent/ssh/sftp_packet.h"
#include "net/runtime.h"
#include "net/task_group.h"

namespace berth::agent::ssh {
namespace {

using sftp::Reader;
using sftp::Status;
using sftp::Type;
using sftp::Writer;

class SftpTest : public ::testing::Test {
protected:
    /// The answers to these packets, one each, without their lengths; fewer when the server ends the stream.
    std::vector<std::string> talk(std::vector<std::string> packets) {
        std::vector<std::string> answers;
        runtime_.run(
            net::TaskGroup::scope(base::Logger("test"), converse, directory_.path(), &packets, &answers));
        return answers;
    }
    static asio::awaitable<void> converse(net::TaskGroup& group, std::filesystem::path home,
                                          std::vector<std::string>* packets,
                                          std::vector<std::string>* answers) {
        auto [client, server] = net::connected_pair(group.executor(), group.executor());
        group.spawn("server", serve_and_close(std::move(server), home));
        for (const auto& packet : *packets) {
            auto written = co_await client->write(net::as_bytes(packet));
            if (!written) co_return;
            std::byte header[4];
            auto got = co_await net::read_exactly(*client, header);
            if (!got) co_return;
            std::string answer(Reader(net::as_text(header)).u32(), '\0');
            got = co_await net::read_exactly(*client, std::as_writable_bytes(std::span(answer)));
            if (!got) co_return;
            answers->push_back(std::move(answer));
        }
    }
    static asio::awaitable<void> serve_and_close(net::StreamPtr stream, std::filesystem::path home) {
        co_await serve_sftp(*stream, home);
        stream->close();
    }
    static std::string hello() { return Writer(Type::init).u32(3).take(); }
    static Type type_of(const std::string& answer) { return static_cast<Type>(answer.at(0)); }
    static Status status_of(const std::string& answer) {
        Reader in(answer);
        EXPECT_EQ(static_cast<Type>(in.byte()), Type::status);
        in.u32();
        return static_cast<Status>(in.u32());
    }

    TestDirectory directory_;
    net::Runtime runtime_{1};
};

TEST_F(SftpTest, BrokenProtocolEndsTheStream) {
    for (const std::string& bytes :
         {std::string(4, '\0'), std::string("\xff\xff\xff\xff", 4), std::string("\0\0\0\1\1", 5),
          Writer(Type::open).u32(1).text("before the greeting").take(), std::string("\0\4\0\1", 4)})
        EXPECT_TRUE(talk({bytes}).empty());
}

TEST_F(SftpTest, BadRequestsAreAnswered) {
    std::ofstream(directory_.path() / "file") << "content";
    const struct {
        const char* name;
        std::string packet;
        Status status;
    } cases[] = {
        {"unknown type", Writer(static_cast<Type>(99)).u32(1).take(), Status::unsupported},
        {"unknown extension", Writer(Type::extended).u32(1).text("x@y").take(), Status::unsupported},
        {"open without fields", Writer(Type::open).u32(1).take(), Status::bad_message},
        {"name longer than the packet", Writer(Type::open).u32(1).u32(0xffffffff).take(),
         Status::bad_message},
        {"name with a zero byte", Writer(Type::remove).u32(1).text(std::string_view("file\0x", 6)).take(),
         Status::no_such_file},
        {"no such file", Writer(Type::stat).u32(1).text("missing").take(), Status::no_such_file},
        {"a file is no directory", Writer(Type::opendir).u32(1).text("file").take(), Status::no_such_file},
        {"no such handle", Writer(Type::read).u32(1).text("7").u64(0).u32(10).take(), Status::no_such_file},
        {"close of no handle", Writer(Type::close).u32(1).text("").take(), Status::no_such_file},
        {"endless list of extended attributes",
         Writer(Type::setstat).u32(1).text("file").u32(0x80000000).u32(0xffffffff).take(),
         Status::bad_message},
        {"rename onto a file", Writer(Type::rename).u32(1).text("file").text("file").take(), Status::failure},
        {"exclusive open", Writer(Type::open).u32(1).text("file").u32(0x2a).u32(0).take(), Status::failure},
    };
    for (const auto& test : cases) {
        SCOPED_TRACE(test.name);
        auto answers = talk({hello(), test.packet});
        ASSERT_EQ(answers.size(), 2U);
        EXPECT_EQ(type_of(answers[0]), Type::version);
        EXPECT_EQ(status_of(answers[1]), test.status);
    }
    EXPECT_TRUE(std::filesystem::exists(directory_.path() / "file"));
}

TEST_F(SftpTest, ReadsWritesAndLists) {
    auto answers = talk({
        hello(),
        Writer(Type::open).u32(1).text("new").u32(0x1a).u32(4).u32(0600).take(),
        Writer(Type::write).u32(2).text("1").u64(3).text("def").take(),
        Writer(Type::write).u32(3).text("1").u64(0).text("abc").take(),
        Writer(Type::close).u32(4).text("1").take(),
        Writer(Type::open).u32(5).text("new").u32(1).u32(0).take(),
        Writer(Type::read).u32(6).text("2").u64(1).u32(0xffffffff).take(),
        Writer(Type::read).u32(7).text("2").u64(6).u32(10).take(),
        Writer(Type::opendir).u32(8).text("").take(),
        Writer(Type::readdir).u32(9).text("3").take(),
        Writer(Type::readdir).u32(10).text("3").take(),
        Writer(Type::realpath).u32(11).text(".").take(),
    });
    ASSERT_EQ(answers.size(), 12U);
    for (std::size_t written : {2, 3, 4})
        EXPECT_EQ(status_of(answers[written]), Status::ok);
    Reader data(answers[6]);
    EXPECT_EQ(static_cast<Type>(data.byte()), Type::data);
    EXPECT_EQ(data.u32(), 6U);
    EXPECT_EQ(data.text(), "bcdef");
    EXPECT_EQ(status_of(answers[7]), Status::eof);
    EXPECT_EQ(type_of(answers[9]), Type::name);
    EXPECT_EQ(status_of(answers[10]), Status::eof);
    Reader name(answers[11]);
    name.byte();
    name.u32();
    EXPECT_EQ(name.u32(), 1U);
    EXPECT_EQ(name.text(), std::filesystem::canonical(directory_.path()).string());
}

}  // namespace
}  // namespace berth::agent::ssh
