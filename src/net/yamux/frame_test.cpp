#include "net/yamux/frame.h"

#include <string>

#include <gtest/gtest.h>

namespace berth::yamux {
namespace {

std::array<std::byte, header_size> raw(std::initializer_list<int> bytes) {
    std::array<std::byte, header_size> out{};
    std::size_t i = 0;
    for (int byte : bytes)
        out[i++] = std::byte(byte);
    return out;
}

struct BadCase {
    const char* name;
    std::array<std::byte, header_size> bytes;
    const char* says;
};

TEST(YamuxFrame, RefusesWhatIsNoFrame) {
    const BadCase cases[] = {
        {"version 1", raw({1, 0, 0, 0, 0, 0, 0, 1}), "version 1"},
        {"version 255", raw({255, 0, 0, 0, 0, 0, 0, 1}), "version 255"},
        {"type 4", raw({0, 4, 0, 0, 0, 0, 0, 1}), "unknown type 4"},
        {"type 255", raw({0, 255, 0, 0, 0, 0, 0, 1}), "unknown type 255"},
        {"data for the session", raw({0, 0, 0, 0, 0, 0, 0, 0}), "misplaced"},
        {"window of the session", raw({0, 1, 0, 1, 0, 0, 0, 0}), "misplaced"},
        {"ping on a stream", raw({0, 2, 0, 1, 0, 0, 0, 1}), "misplaced"},
        {"go-away on a stream", raw({0, 3, 0, 0, 0, 0, 0, 1}), "misplaced"},
    };
    for (const auto& c : cases) {
        auto header = decode(c.bytes);
        ASSERT_FALSE(header.ok()) << c.name;
        EXPECT_NE(header.error().message().find(c.says), std::string::npos)
            << c.name << header.error().message();
    }
}

TEST(YamuxFrame, HeadersAreBigEndian) {
    Header header{FrameType::window_update, flag::syn | flag::fin, 0x01020304, 0xfffefdfc};
    EXPECT_EQ(encode(header), raw({0, 1, 0, 5, 1, 2, 3, 4, 0xff, 0xfe, 0xfd, 0xfc}));
}

TEST(YamuxFrame, WhatIsEncodedIsDecoded) {
    const Header cases[] = {
        {FrameType::data, 0, 1, 0},
        {FrameType::data, flag::syn | flag::ack | flag::fin | flag::rst, 0xffffffff, 0xffffffff},
        {FrameType::window_update, flag::ack, 2, 262144},
        {FrameType::ping, flag::syn, 0, 77},
        {FrameType::go_away, 0, 0, 2},
    };
    for (const auto& header : cases) {
        auto back = decode(encode(header));
        ASSERT_TRUE(back.ok());
        EXPECT_EQ(*back, header);
    }
}

}  // namespace
}  // namespace berth::yamux
