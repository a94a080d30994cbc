#include "net/drpc/packet.h"

#include <vector>

#include <gtest/gtest.h>

namespace berth::drpc {
namespace {

using namespace std::string_literals;

struct BadCase {
    const char* name;
    std::string bytes;
    ErrorCode code;
    const char* says;
};

std::string frame(int control, const std::string& numbers, const std::string& data = {}) {
    return std::string(1, char(control)) + numbers + data;
}

TEST(DrpcPacket, RefusesWhatIsNoPacket) {
    const std::string long_varint(10, '\xff');
    const BadCase cases[] = {
        {"stream 0", frame(0x05, "\x00\x01\x00"s), ErrorCode::invalid_argument, "out of order"},
        {"message 0", frame(0x05, "\x01\x00\x00"s), ErrorCode::invalid_argument, "out of order"},
        {"message twice", frame(0x05, "\x01\x01\x00"s) + frame(0x05, "\x01\x01\x00"s),
         ErrorCode::invalid_argument, "out of order"},
        {"message going back", frame(0x05, "\x01\x05\x00"s) + frame(0x05, "\x01\x04\x00"s),
         ErrorCode::invalid_argument, "out of order"},
        {"stream going back", frame(0x05, "\x02\x01\x00"s) + frame(0x05, "\x01\x09\x00"s),
         ErrorCode::invalid_argument, "out of order"},
        {"kind changed", frame(0x04, "\x01\x01\x00"s) + frame(0x03, "\x01\x01\x00"s),
         ErrorCode::invalid_argument, "changed its kind"},
        {"stream of 11 bytes", frame(0x05, long_varint + "\x01"), ErrorCode::invalid_argument, "64 bits"},
        {"stream of 65 bits", frame(0x05, std::string(9, '\xff') + "\x02"), ErrorCode::invalid_argument,
         "64 bits"},
        {"4 MiB and a byte", frame(0x05, "\x01\x01\x81\x80\x80\x02"s), ErrorCode::too_large, "more than"},
        {"huge length", frame(0x05, "\x01\x01"s + std::string(9, '\xff') + "\x01"), ErrorCode::too_large,
         "more than"},
    };
    for (const auto& c : cases) {
        PacketParser parser;
        auto bytes = net::as_bytes(c.bytes);
        Result<bool> found = false;
        do {
            found = parser.feed(bytes);
            if (found.ok() && *found) (void)parser.take();
        } while (found.ok() && !bytes.empty());
        ASSERT_FALSE(found.ok()) << c.name;
        EXPECT_EQ(found.error().code(), c.code) << c.name;
        EXPECT_NE(found.error().message().find(c.says), std::string::npos)
            << c.name << found.error().message();
    }
}

TEST(DrpcPacket, ManyFramesMayNotExceedTheLimitTogether) {
    PacketParser parser(100);
    std::string piece(60, 'x');
    std::string bytes = frame(0x04, "\x01\x01\x3c"s, piece) + frame(0x05, "\x01\x01\x29"s, piece);
    auto rest = net::as_bytes(bytes);
    auto found = parser.feed(rest);
    ASSERT_FALSE(found.ok());
    EXPECT_EQ(found.error().code(), ErrorCode::too_large);
    EXPECT_EQ(parser.stream(), 1u);
}

TEST(DrpcPacket, TheBytesAreThoseOfTheFormat) {
    std::string out;
    append_packet(out, {1, 2, Kind::message, false, "abc"});
    append_packet(out, {300, 1, Kind::cancel, true, ""});
    EXPECT_EQ(out,
              "\x05\x01\x02\x03"s
              "abc"
              "\x89\xac\x02\x01\x00"s);
}

TEST(DrpcPacket, BigPacketsTravelInFrames) {
    Packet packet{3, 9, Kind::message, false, std::string(2 * max_frame + 1, 'm')};
    std::string out;
    append_packet(out, packet);
    EXPECT_EQ(out.size(), packet.data.size() + 6 + 6 + 4);
    EXPECT_EQ(static_cast<unsigned char>(out[0]), 0x04);
    PacketParser parser;
    auto bytes = net::as_bytes(out);
    auto found = parser.feed(bytes);
    ASSERT_TRUE(found.ok() && *found);
    EXPECT_TRUE(parser.take().data == packet.data);
    EXPECT_TRUE(bytes.empty());
}

TEST(DrpcPacket, BytesMayComeInAnyPieces) {
    std::string out;
    append_packet(out, {1, 1, Kind::invoke, false, "/a.B/C"});
    append_packet(out, {1, 2, Kind::message, false, std::string(200, 'q')});
    append_packet(out, {1, 3, Kind::close_send, false, ""});
    for (std::size_t piece : {1, 3, 7, 200}) {
        PacketParser parser;
        std::vector<Packet> packets;
        auto rest = net::as_bytes(out);
        while (!rest.empty()) {
            auto part = rest.first(std::min(piece, rest.size()));
            rest = rest.subspan(part.size());
            while (true) {
                auto found = parser.feed(part);
                ASSERT_TRUE(found.ok());
                if (!*found) break;
                packets.push_back(parser.take());
            }
        }
        ASSERT_EQ(packets.size(), 3u) << piece;
        EXPECT_EQ(packets[0].data, "/a.B/C");
        EXPECT_EQ(packets[1].data, std::string(200, 'q'));
        EXPECT_EQ(packets[2].kind, Kind::close_send);
        EXPECT_TRUE(parser.at_boundary());
    }
}

TEST(DrpcPacket, AHigherNumberDropsAnUnfinishedPacket) {
    std::string bytes = frame(0x04, "\x01\x01\x03"s, "abc") + frame(0x07, "\x01\x02\x01"s, "e");
    PacketParser parser;
    auto rest = net::as_bytes(bytes);
    auto found = parser.feed(rest);
    ASSERT_TRUE(found.ok() && *found);
    Packet packet = parser.take();
    EXPECT_EQ(packet.kind, Kind::error);
    EXPECT_EQ(packet.data, "e");
}

TEST(DrpcPacket, OneControlFrameMakesThePacketControl) {
    std::string bytes = frame(0x7e, "\x01\x01\x01"s, "a") + frame(0xff, "\x01\x01\x01"s, "b");
    PacketParser parser;
    auto rest = net::as_bytes(bytes);
    auto found = parser.feed(rest);
    ASSERT_TRUE(found.ok() && *found);
    Packet packet = parser.take();
    EXPECT_TRUE(packet.control);
    EXPECT_EQ(packet.data, "ab");
    EXPECT_EQ(int(packet.kind), 63);
}

TEST(DrpcError, CodeAndMessageTravel) {
    const ErrorCode codes[] = {ErrorCode::cancelled, ErrorCode::not_found, ErrorCode::unimplemented,
                               ErrorCode::too_large, ErrorCode::internal,  ErrorCode::unauthenticated};
    for (auto code : codes) {
        Error back = decode_error(encode_error(Error(code, "what happened", "a detail")));
        EXPECT_EQ(back.code(), code);
        EXPECT_EQ(back.message(), "what happened");
        EXPECT_EQ(back.detail(), "");
    }
    EXPECT_EQ(encode_error(Error(ErrorCode::unimplemented, "no")), "\0\0\0\0\0\0\0\x0cno"s);
}

TEST(DrpcError, ShortAndUnknownErrorsAreInternal) {
    for (const auto& data : {""s, "1234567"s, "\0\0\0\0\0\0\0\0"s, "\xff\xff\xff\xff\xff\xff\xff\xff"s})
        EXPECT_EQ(decode_error(data).code(), ErrorCode::internal);
    EXPECT_LE(decode_error(std::string(1 << 20, 'x')).message().size(), std::size_t(16 << 10));
}

}  // namespace
}  // namespace berth::drpc
