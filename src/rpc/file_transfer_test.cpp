#include "rpc/file_transfer.h"

#include <functional>

#include <gtest/gtest.h>

namespace berth::rpc {
namespace {

namespace pb = ::provisioner;

constexpr std::size_t limit = 20 << 20;

Result<std::string> assemble(const FileMessages& messages) {
    FileAssembler assembler(limit);
    for (const auto& message : messages) {
        auto added = assembler.add(message);
        if (!added) return added.error();
        EXPECT_EQ(*added, assembler.complete());
    }
    if (!assembler.complete()) return invalid_argument("not complete");
    return std::move(assembler).take();
}

struct Damage {
    const char* name;
    std::function<void(FileMessages&)> apply;
    const char* reason;
};

pb::DataUpload& head(FileMessages& m) { return *m[0].mutable_data_upload(); }
pb::ChunkPiece& piece(FileMessages& m, std::size_t number) { return *m[1 + number].mutable_chunk_piece(); }

TEST(FileTransfer, RefusesWhatDoesNotAddUp) {
    const std::string other(32, 'x');
    const Damage damages[] = {
        {"nothing", [](FileMessages& m) { m.clear(); }, "not complete"},
        {"wrong kind", [](FileMessages& m) { head(m).set_upload_type(pb::UPLOAD_TYPE_UNKNOWN); },
         "only module files"},
        {"short hash", [](FileMessages& m) { head(m).set_data_hash("abc"); }, "not a SHA-256"},
        {"size zero", [](FileMessages& m) { head(m).set_file_size(0); }, "empty file"},
        {"size negative", [](FileMessages& m) { head(m).set_file_size(-1); }, "empty file"},
        // A size out of all proportion must be refused before memory is reserved (PR 25710 of the original).
        {"size huge", [](FileMessages& m) { head(m).set_file_size(std::int64_t(1) << 60); },
         "larger than 20 MiB"},
        {"size above the limit", [](FileMessages& m) { head(m).set_file_size(limit + 1); },
         "larger than 20 MiB"},
        {"size too small", [](FileMessages& m) { head(m).set_file_size(9); }, "larger than the file"},
        {"size too large", [](FileMessages& m) { head(m).set_file_size(11); }, "smaller than the file"},
        {"chunks negative", [](FileMessages& m) { head(m).set_chunks(-3); }, "empty file"},
        {"chunks absurd", [](FileMessages& m) { head(m).set_chunks(1'000'000); }, "more pieces"},
        {"chunks too many", [](FileMessages& m) { head(m).set_chunks(4); }, "not complete"},
        {"chunks too few", [](FileMessages& m) { head(m).set_chunks(2); }, "smaller than the file"},
        {"order", [](FileMessages& m) { std::swap(m[1], m[2]); }, "piece 1 was sent instead of piece 0"},
        {"missing piece", [](FileMessages& m) { m.pop_back(); }, "not complete"},
        {"piece twice", [](FileMessages& m) { m.push_back(m.back()); }, "more pieces than announced"},
        {"piece first", [](FileMessages& m) { m.erase(m.begin()); }, "before its file was announced"},
        {"two announcements", [](FileMessages& m) { m.insert(m.begin(), m[0]); }, "announced twice"},
        {"foreign piece", [&](FileMessages& m) { piece(m, 1).set_full_data_hash(other); }, "another file"},
        {"short piece", [](FileMessages& m) { piece(m, 0).mutable_data()->pop_back(); },
         "smaller than the file"},
        {"long piece", [](FileMessages& m) { piece(m, 2).mutable_data()->push_back('x'); },
         "larger than the file"},
        {"changed byte", [](FileMessages& m) { (*piece(m, 0).mutable_data())[1] ^= 1; }, "announced hash"},
        {"wrong hash all over",
         [&](FileMessages& m) {
             head(m).set_data_hash(other);
             for (std::size_t i = 0; i < 3; ++i)
                 piece(m, i).set_full_data_hash(other);
         },
         "announced hash"},
        {"an error", [](FileMessages& m) { m[1].mutable_error()->set_error("disk\xff full"); }, "disk"},
        {"an empty message", [](FileMessages& m) { m[1].Clear(); }, "unknown part"},
    };
    for (const auto& damage : damages) {
        SCOPED_TRACE(damage.name);
        auto messages = cut_file("0123456789", 4);
        ASSERT_EQ(messages.size(), 4u);
        damage.apply(messages);
        auto refused = assemble(messages);
        ASSERT_FALSE(refused);
        EXPECT_NE(refused.error().message().find(damage.reason), std::string::npos)
            << refused.error().message();
    }
}

TEST(FileTransfer, RoundTrips) {
    for (std::size_t size :
         {std::size_t(1), file_piece - 1, file_piece, file_piece + 1, 3 * file_piece, limit}) {
        std::string file(size, '\0');
        for (std::size_t i = 0; i < size; ++i)
            file[i] = static_cast<char>(i * 31);
        auto back = assemble(cut_file(file));
        ASSERT_TRUE(back) << back.error().to_string();
        EXPECT_EQ(*back, file);
    }
}

TEST(FileTransfer, AnAnnouncementMeetsTheLimitOfWhoTakesIt) {
    auto messages = cut_file("0123456789");
    FileProgress small(9);
    auto refused = small.take(messages[0]);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), ErrorCode::too_large);
    FileProgress enough(10);
    EXPECT_EQ(enough.hash(), "");
    auto announced = enough.take(messages[0]);
    EXPECT_TRUE(announced && !*announced);
    EXPECT_EQ(enough.hash().size(), 32u);
    auto done = enough.take(messages[1]);
    EXPECT_TRUE(done && *done);
}

}  // namespace
}  // namespace berth::rpc
