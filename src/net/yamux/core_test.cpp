#include "net/yamux/core.h"

#include <string>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

namespace berth::yamux {
namespace {

constexpr auto data = FrameType::data;
constexpr auto window = FrameType::window_update;
constexpr auto ping = FrameType::ping;
constexpr auto away = FrameType::go_away;

struct Frame {
    Header header;
    /// Bytes after the header; data frames get their `length` of zeros unless told otherwise.
    std::size_t payload = 0;
    bool operator==(const Frame&) const = default;
};

Frame payload_of(std::uint32_t stream, std::uint32_t size, std::uint16_t flags = 0) {
    return {{data, flags, stream, size}, size};
}

std::vector<std::byte> bytes_of(const std::vector<Frame>& frames) {
    std::vector<std::byte> out;
    for (const auto& frame : frames) {
        auto header = encode(frame.header);
        out.insert(out.end(), header.begin(), header.end());
        out.insert(out.end(), frame.payload, std::byte{0});
    }
    return out;
}

std::vector<Header> headers_of(std::vector<std::byte> bytes) {
    std::vector<Header> out;
    std::span<const std::byte> rest = bytes;
    while (rest.size() >= header_size) {
        auto header = decode(rest.first<header_size>());
        EXPECT_TRUE(header.ok());
        if (!header) return out;
        out.push_back(*header);
        rest = rest.subspan(header_size + (header->type == data ? header->length : 0));
    }
    EXPECT_TRUE(rest.empty());
    return out;
}

std::vector<Header> drain(Core& core) {
    std::vector<Header> out;
    while (core.has_output())
        for (const auto& header : headers_of(core.take_output()))
            out.push_back(header);
    return out;
}

struct CoreTest : testing::Test {
    asio::io_context context;
    Core core{context.get_executor(), Role::server, Config{}};

    Result<void> receive(const std::vector<Frame>& frames) { return core.receive(bytes_of(frames)); }
};

struct Violation {
    const char* name;
    std::vector<Frame> frames;
    const char* says;
};

TEST_F(CoreTest, ViolationsEndTheSessionWithAGoAway) {
    const Frame open{{window, flag::syn, 1, 0}};
    const Violation cases[] = {
        {"SYN with the server's parity", {{{window, flag::syn, 2, 0}}}, "number of ours"},
        {"SYN twice", {open, open}, "opened a stream twice"},
        {"window overflow", {open, {{window, 0, 1, 0xffffffff}}}, "past its limit"},
        {"one byte above the window", {open, payload_of(1, initial_window + 1)}, "window allows"},
        {"window used twice", {open, payload_of(1, initial_window), payload_of(1, 1)}, "window allows"},
        {"length of 4 GiB", {open, {{data, 0, 1, 0xffffffff}}}, "window allows"},
        {"length of 4 GiB on a stream nobody knows", {{{data, 0, 9, 0xffffffff}}}, "window allows"},
        {"FIN twice", {open, {{window, flag::fin, 1, 0}}, {{window, flag::fin, 1, 0}}}, "ended twice"},
        {"data after FIN", {open, {{window, flag::fin, 1, 0}}, payload_of(1, 1)}, "after the end"},
    };
    for (const auto& c : cases) {
        Core one(context.get_executor(), Role::server, Config{});
        auto received = one.receive(bytes_of(c.frames));
        ASSERT_FALSE(received.ok()) << c.name;
        EXPECT_NE(received.error().message().find(c.says), std::string::npos)
            << c.name << received.error().message();
        EXPECT_TRUE(one.closing()) << c.name;
        auto out = drain(one);
        ASSERT_FALSE(out.empty()) << c.name;
        EXPECT_EQ(out.back(), (Header{away, 0, 0, go_away_code::protocol_error})) << c.name;
        EXPECT_TRUE(one.open_error().has_value()) << c.name;
    }
}

TEST_F(CoreTest, BytesMayComeInAnyPieces) {
    auto bytes = bytes_of({{{window, flag::syn, 1, 0}},
                           payload_of(1, 100),
                           {{ping, flag::syn, 0, 5}},
                           payload_of(1, 7, flag::fin)});
    for (std::size_t piece : {1, 2, 5, 11, 12, 13, 64}) {
        Core one(context.get_executor(), Role::server, Config{});
        std::span<const std::byte> rest = bytes;
        while (!rest.empty()) {
            auto part = rest.first(std::min(piece, rest.size()));
            rest = rest.subspan(part.size());
            ASSERT_TRUE(one.receive(part).ok()) << piece;
        }
        ASSERT_TRUE(one.has_incoming());
        auto stream = one.accept_stream();
        EXPECT_EQ(stream->buffered(), 107u);
        EXPECT_TRUE(stream->fin_received);
    }
}

TEST_F(CoreTest, FinOfADataFrameComesAfterItsPayload) {
    auto bytes = bytes_of({{{window, flag::syn, 1, 0}}, payload_of(1, 10, flag::fin)});
    ASSERT_TRUE(core.receive(std::span(bytes).first(bytes.size() - 1)).ok());
    auto stream = core.accept_stream();
    EXPECT_FALSE(stream->fin_received);
    ASSERT_TRUE(core.receive(std::span(bytes).last(1)).ok());
    EXPECT_TRUE(stream->fin_received);
}

TEST_F(CoreTest, FramesOfUnknownStreamsAreThrownAway) {
    ASSERT_TRUE(receive({payload_of(7, 1000),
                         {{window, 0, 7, 5}},
                         {{window, flag::fin, 7, 0}},
                         {{window, flag::rst, 9, 0}},
                         {{window, flag::ack, 4, 0}}})
                    .ok());
    EXPECT_EQ(core.streams(), 0u);
    EXPECT_FALSE(core.has_output());
    EXPECT_FALSE(core.closing());
}

TEST_F(CoreTest, UnknownGoAwayCodesEndTheSession) {
    for (std::uint32_t code : {1u, 2u, 99u}) {
        Core one(context.get_executor(), Role::client, Config{});
        ASSERT_TRUE(one.receive(bytes_of({{{away, 0, 0, code}}})).ok());
        ASSERT_TRUE(one.failure().has_value()) << code;
        EXPECT_EQ(one.failure()->code(), ErrorCode::unavailable);
    }
}

TEST_F(CoreTest, NormalGoAwayOnlyForbidsNewStreams) {
    Core one(context.get_executor(), Role::client, Config{});
    auto stream = one.open_stream();
    ASSERT_TRUE(
        one.receive(bytes_of({{{away, 0, 0, 0}}, {{window, flag::ack, 1, 0}}, payload_of(1, 3)})).ok());
    EXPECT_EQ(stream->buffered(), 3u);
    ASSERT_TRUE(one.open_error().has_value());
    EXPECT_EQ(one.open_error()->code(), ErrorCode::unavailable);
    EXPECT_FALSE(one.closing());
}

TEST_F(CoreTest, PingsAreAnsweredWithTheirValue) {
    ASSERT_TRUE(receive({{{ping, flag::syn, 0, 0xdeadbeef}}, {{ping, flag::ack, 0, 3}}}).ok());
    EXPECT_EQ(drain(core), (std::vector<Header>{{ping, flag::ack, 0, 0xdeadbeef}}));
}

TEST_F(CoreTest, APeerThatPingsAndNeverReadsIsDropped) {
    std::vector<Frame> pings(10000, Frame{{ping, flag::syn, 0, 1}});
    auto bytes = bytes_of(pings);
    for (int i = 0; i < 100 && !core.ended(); i++)
        ASSERT_TRUE(core.receive(bytes).ok());
    ASSERT_TRUE(core.ended());
    EXPECT_EQ(core.failure()->code(), ErrorCode::resource_exhausted);
    EXPECT_FALSE(core.has_output());
}

TEST_F(CoreTest, StreamsBeyondTheBacklogAreReset) {
    Config config;
    config.accept_backlog = 2;
    Core one(context.get_executor(), Role::server, config);
    ASSERT_TRUE(one.receive(bytes_of({{{window, flag::syn, 1, 0}},
                                      {{window, flag::syn, 3, 0}},
                                      {{window, flag::syn, 5, 0}},
                                      payload_of(5, 100)}))
                    .ok());
    EXPECT_EQ(one.streams(), 2u);
    EXPECT_EQ(drain(one), (std::vector<Header>{{window, flag::rst, 5, 0}}));
}

TEST_F(CoreTest, StreamsAboveTheLimitAreReset) {
    Config config;
    config.max_streams = 1;
    Core one(context.get_executor(), Role::server, config);
    ASSERT_TRUE(one.receive(bytes_of({{{window, flag::syn, 1, 0}}, {{window, flag::syn, 3, 0}}})).ok());
    EXPECT_EQ(drain(one), (std::vector<Header>{{window, flag::rst, 3, 0}}));
    EXPECT_EQ(one.open_error()->code(), ErrorCode::resource_exhausted);
}

TEST_F(CoreTest, AfterOurGoAwayNewStreamsAreReset) {
    core.queue_go_away(go_away_code::normal);
    ASSERT_TRUE(receive({{{window, flag::syn, 1, 0}}}).ok());
    EXPECT_EQ(drain(core), (std::vector<Header>{{away, 0, 0, 0}, {window, flag::rst, 1, 0}}));
}

TEST_F(CoreTest, TheWindowIsGrantedAgainByHalves) {
    ASSERT_TRUE(receive({{{window, flag::syn, 1, 0}}, payload_of(1, initial_window)}).ok());
    auto stream = core.accept_stream();
    EXPECT_EQ(drain(core), (std::vector<Header>{{window, flag::ack, 1, 0}}));
    std::vector<std::byte> buffer(initial_window);
    EXPECT_EQ(core.read(*stream, std::span(buffer).first(initial_window / 2 - 1)), initial_window / 2 - 1);
    EXPECT_FALSE(core.has_output());
    EXPECT_EQ(core.read(*stream, std::span(buffer).first(1)), 1u);
    EXPECT_EQ(drain(core), (std::vector<Header>{{window, 0, 1, initial_window / 2}}));
    EXPECT_EQ(core.read(*stream, buffer), initial_window / 2);
    EXPECT_EQ(drain(core), (std::vector<Header>{{window, 0, 1, initial_window / 2}}));
}

TEST_F(CoreTest, ABiggerWindowIsGrantedWithTheFirstFrame) {
    Config config;
    config.stream_window = 1 << 20;
    Core one(context.get_executor(), Role::client, config);
    auto stream = one.open_stream();
    EXPECT_EQ(drain(one), (std::vector<Header>{{window, flag::syn, 1, (1 << 20) - initial_window}}));
    EXPECT_TRUE(one.receive(bytes_of({{{window, flag::ack, 1, 0}}, payload_of(1, 1 << 20)})).ok());
    EXPECT_EQ(stream->buffered(), std::size_t(1) << 20);
}

TEST_F(CoreTest, DataPastTheCloseIsThrownAwayAndAStuckPeerReset) {
    ASSERT_TRUE(receive({{{window, flag::syn, 1, 0}}}).ok());
    auto stream = core.accept_stream();
    core.abandon(*stream);
    EXPECT_EQ(drain(core), (std::vector<Header>{{window, flag::ack, 1, 0}, {window, flag::fin, 1, 0}}));
    ASSERT_TRUE(receive({payload_of(1, initial_window - 1)}).ok());
    EXPECT_FALSE(core.has_output());
    EXPECT_EQ(stream->buffered(), 0u);
    ASSERT_TRUE(receive({payload_of(1, 1)}).ok());
    EXPECT_EQ(drain(core), (std::vector<Header>{{window, flag::rst, 1, 0}}));
    EXPECT_EQ(core.streams(), 0u);
}

TEST_F(CoreTest, APeerThatNeverClosesIsResetInTheEnd) {
    ASSERT_TRUE(receive({{{window, flag::syn, 1, 0}}}).ok());
    auto stream = core.accept_stream();
    core.abandon(*stream);
    drain(core);
    for (int i = 0; i < 3; i++)
        core.tick();
    EXPECT_EQ(core.streams(), 1u);
    core.tick();
    EXPECT_EQ(core.streams(), 0u);
    EXPECT_EQ(drain(core), (std::vector<Header>{{window, flag::rst, 1, 0}}));
}

TEST_F(CoreTest, AStreamClosedOnBothSidesIsForgotten) {
    ASSERT_TRUE(receive({{{window, flag::syn, 1, 0}}, {{window, flag::fin, 1, 0}}}).ok());
    auto stream = core.accept_stream();
    core.finish_writing(*stream);
    EXPECT_EQ(core.streams(), 0u);
    core.abandon(*stream);
    // One FIN only: a second is a protocol error for some peers.
    EXPECT_EQ(drain(core), (std::vector<Header>{{window, flag::ack, 1, 0}, {window, flag::fin, 1, 0}}));
}

TEST_F(CoreTest, AnEndWithinAFrameIsAFailure) {
    auto bytes = bytes_of({{{window, flag::syn, 1, 0}}, payload_of(1, 10)});
    for (std::size_t size = 1; size < bytes.size(); size++) {
        Core one(context.get_executor(), Role::server, Config{});
        ASSERT_TRUE(one.receive(std::span(bytes).first(size)).ok());
        one.receive_end({});
        EXPECT_TRUE(one.ended());
        EXPECT_EQ(one.failure().has_value(), size != header_size) << size;
    }
}

}  // namespace
}  // namespace berth::yamux
