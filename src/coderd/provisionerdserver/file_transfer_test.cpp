#include "coderd/provisionerdserver/file_transfer.h"

#include <functional>

#include <gtest/gtest.h>

#include "provisioner.pb.h"

namespace berth::coderd {
namespace {

using Messages = std::vector<provisioner::FileUpload>;

Result<std::string> assemble(const Messages& messages) {
    auto assembler = FileAssembler::start(messages.front().data_upload());
    if (!assembler) return assembler.error();
    for (std::size_t i = 1; i < messages.size(); ++i) {
        auto added = assembler->add(messages[i].chunk_piece());
        if (!added) return added.error();
    }
    return assembler->finish();
}

struct Damage {
    const char* name;
    std::function<void(Messages&)> apply;
};

TEST(FileTransfer, RefusesDamagedUploads) {
    const Damage damages[] = {
        {"wrong kind",
         [](Messages& m) { m[0].mutable_data_upload()->set_upload_type(provisioner::UPLOAD_TYPE_UNKNOWN); }},
        {"short hash", [](Messages& m) { m[0].mutable_data_upload()->set_data_hash("abc"); }},
        {"size zero", [](Messages& m) { m[0].mutable_data_upload()->set_file_size(0); }},
        {"size negative", [](Messages& m) { m[0].mutable_data_upload()->set_file_size(-1); }},
        // A size out of all proportion must be refused before memory is reserved (PR 25710 of the original).
        {"size huge", [](Messages& m) { m[0].mutable_data_upload()->set_file_size(std::int64_t(1) << 60); }},
        {"size too small", [](Messages& m) { m[0].mutable_data_upload()->set_file_size(5 << 20); }},
        {"chunks negative", [](Messages& m) { m[0].mutable_data_upload()->set_chunks(-3); }},
        {"chunks too many", [](Messages& m) { m[0].mutable_data_upload()->set_chunks(4); }},
        {"order", [](Messages& m) { std::swap(m[1], m[2]); }},
        {"missing piece", [](Messages& m) { m.pop_back(); }},
        {"piece twice", [](Messages& m) { m.push_back(m.back()); }},
        {"foreign piece",
         [](Messages& m) { m[2].mutable_chunk_piece()->set_full_data_hash(std::string(32, 'x')); }},
        {"short piece", [](Messages& m) { m[1].mutable_chunk_piece()->mutable_data()->pop_back(); }},
        {"changed byte", [](Messages& m) { (*m[1].mutable_chunk_piece()->mutable_data())[7] ^= 1; }},
        {"wrong hash all over",
         [](Messages& m) {
             std::string other(32, 'x');
             m[0].mutable_data_upload()->set_data_hash(other);
             for (std::size_t i = 1; i < m.size(); ++i)
                 m[i].mutable_chunk_piece()->set_full_data_hash(other);
         }},
    };
    const std::string file(chunk_size * 2 + 12345, 'f');
    for (const auto& damage : damages) {
        auto messages = split_file(file);
        damage.apply(messages);
        EXPECT_FALSE(assemble(messages)) << damage.name;
    }
}

TEST(FileTransfer, RoundTrips) {
    for (std::size_t size : {std::size_t(1), chunk_size - 1, chunk_size, chunk_size + 1, 3 * chunk_size}) {
        std::string file(size, '\0');
        for (std::size_t i = 0; i < size; ++i)
            file[i] = static_cast<char>(i * 31);
        auto back = assemble(split_file(file));
        ASSERT_TRUE(back) << back.error().to_string();
        EXPECT_EQ(*back, file);
    }
}

}  // namespace
}  // namespace berth::coderd
