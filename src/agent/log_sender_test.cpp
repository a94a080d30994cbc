#include "agent/log_sender.h"

#include <gtest/gtest.h>

#include "agent/agent_testing.h"
#include "base/text.h"

namespace berth::agent {
namespace {

std::vector<std::string> split_all(std::size_t limit, const std::vector<std::string>& pieces) {
    LineSplitter splitter(limit);
    std::vector<std::string> lines;
    for (const auto& piece : pieces)
        for (auto& line : splitter.add(piece))
            lines.push_back(std::move(line));
    for (auto& line : splitter.finish())
        lines.push_back(std::move(line));
    return lines;
}

TEST(LineSplitter, CutsBytesIntoValidLines) {
    const struct {
        const char* name;
        std::size_t limit;
        std::vector<std::string> pieces;
        std::vector<std::string> lines;
    } cases[] = {
        {"nothing", 8, {}, {}},
        {"invalid bytes",
         80,
         {"a\xff\xfe"
          "b\n"},
         {"a\xEF\xBF\xBD\xEF\xBF\xBD"
          "b"}},
        {"character cut at the end of the stream", 80, {"x\xc3"}, {"x\xEF\xBF\xBD"}},
        {"zero bytes are dropped", 80, {std::string("a\0b\n", 4)}, {"ab"}},
        {"empty lines stay", 80, {"\n\na\n"}, {"", "", "a"}},
        {"carriage returns", 80, {"a\r\nb\r", "\nc\rd\n"}, {"a", "b", "c\rd"}},
        {"no line end at the end", 80, {"a\nb"}, {"a", "b"}},
        {"lines across pieces", 80, {"he", "llo\nwor", "ld\n"}, {"hello", "world"}},
        {"longer than the limit", 4, {"abcdefghij\nk\n"}, {"abcd", "efgh", "ij", "k"}},
        {"exactly the limit", 4, {"abcd\n"}, {"abcd"}},
        {"cut between characters", 4, {"ab\u20ac\u20ac\n"}, {"ab", "\u20ac", "\u20ac"}},
    };
    for (const auto& test : cases) {
        SCOPED_TRACE(test.name);
        auto lines = split_all(test.limit, test.pieces);
        EXPECT_EQ(lines, test.lines);
        for (const auto& line : lines)
            EXPECT_TRUE(base::is_valid_utf8(line));
    }
    auto huge = split_all(64 * 1024, {std::string(1 << 20, 'x') + "\n"});
    EXPECT_EQ(huge.size(), 16U);
}

class LogSenderTest : public ::testing::Test {
protected:
    struct Parts {
        Parts(asio::any_io_executor executor, base::Clock& clock)
            : link(executor),
              sender(executor, link, clock, base::Logger("test"), 20'000),
              group(executor, base::Logger("test")) {}
        Link link;
        LogSender sender;
        net::TaskGroup group;
    };

    LogSenderTest() { runtime_.run(start()); }
    ~LogSenderTest() override { runtime_.run(stop()); }

    asio::awaitable<void> start() {
        parts_ = std::make_unique<Parts>(runtime_.executor(0), clock_);
        dial_ = server_.dialer();
        parts_->group.spawn("sender", parts_->sender.run());
        parts_->group.spawn("connection",
                            keep_connected("rpc", "/rpc?version=2.0", dial_, base::system_clock(),
                                           base::Logger("test"), [this](yamux::SessionPtr session) {
                                               return use(&parts_->link, std::move(session));
                                           }));
        co_return;
    }
    static asio::awaitable<void> use(Link* link, yamux::SessionPtr session) {
        struct Lost {
            Link* link;
            ~Lost() { link->lost(); }
        } lost{link};
        link->connected(drpc::Client::over(session));
        co_await session->closed();
    }
    asio::awaitable<void> stop() {
        parts_->group.cancel();
        co_await parts_->group.join();
        parts_.reset();
    }
    asio::awaitable<void> add_lines(int first, int count, std::size_t size, std::string source) {
        for (int i = first; i < first + count; ++i)
            parts_->sender.add(source, LineLevel::info, std::to_string(i) + std::string(size, '.'));
        co_return;
    }
    void add(int first, int count, std::size_t size = 0, std::string source = "source") {
        runtime_.run(add_lines(first, count, size, std::move(source)));
    }
    /// Moves the time until the record shows it.
    bool advance_until(const std::function<bool()>& predicate) {
        return ScriptedServer::eventually([&] {
            if (predicate()) return true;
            clock_.advance(std::chrono::milliseconds(100));
            return false;
        });
    }
    std::size_t received() { return server_.record().lines.size(); }

    base::FakeClock clock_;
    net::Runtime runtime_{1};
    ScriptedServer server_{runtime_};
    Dialer dial_;
    std::unique_ptr<Parts> parts_;
};

TEST_F(LogSenderTest, SendsInBatchesInOrder) {
    add(0, 50);
    add(0, 5, 0, "other");
    ASSERT_TRUE(advance_until([&] { return received() == 55; }));
    auto record = server_.record();
    EXPECT_LE(record.batches.size(), 4U);
    for (int i = 0; i < 50; ++i)
        EXPECT_EQ(record.lines[static_cast<std::size_t>(i)].text, std::to_string(i));
    EXPECT_EQ(record.lines.back().source, "other");
}

TEST_F(LogSenderTest, ResumesAfterADropWithoutLosingALine) {
    add(0, 10);
    ASSERT_TRUE(advance_until([&] { return received() == 10; }));
    server_.refuse(unavailable("down"));
    server_.drop_connections();
    add(10, 20);
    for (int i = 0; i < 20; ++i)
        clock_.advance(std::chrono::seconds(1));
    EXPECT_EQ(received(), 10U);
    server_.refuse(std::nullopt);
    ASSERT_TRUE(advance_until([&] { return received() == 30; }));
    auto record = server_.record();
    for (int i = 0; i < 30; ++i)
        EXPECT_EQ(record.lines[static_cast<std::size_t>(i)].text, std::to_string(i));
}

TEST_F(LogSenderTest, DropsWithANoteWhenTheServerStaysAway) {
    server_.refuse(unavailable("down"));
    server_.drop_connections();
    add(0, 100, 1000);
    server_.refuse(std::nullopt);
    ASSERT_TRUE(advance_until([&] {
        auto lines = server_.record().lines;
        return !lines.empty() && lines.back().level == coder::agent::v2::Log::WARN;
    }));
    auto lines = server_.record().lines;
    // 20000 bytes hold 18 such lines with what they cost; the note says what became of the others.
    ASSERT_EQ(lines.size(), 19U);
    EXPECT_EQ(lines.back().text.substr(0, 9), "82 lines ");
    add(100, 1);
    ASSERT_TRUE(advance_until([&] { return received() == 20; }));
}

TEST_F(LogSenderTest, StopsWhenTheServerHasEnough) {
    server_.log_limit_exceeded = true;
    add(0, 1);
    ASSERT_TRUE(advance_until([&] { return received() == 1; }));
    server_.log_limit_exceeded = false;
    // The answer is on its way; what is added after it is not sent.
    for (int i = 0; i < 5; ++i)
        clock_.advance(std::chrono::seconds(1));
    runtime_.run(parts_->sender.drained());
    add(1, 10);
    for (int i = 0; i < 5; ++i)
        clock_.advance(std::chrono::seconds(1));
    runtime_.run(parts_->sender.drained());
    EXPECT_EQ(received(), 1U);
}

}  // namespace
}  // namespace berth::agent
