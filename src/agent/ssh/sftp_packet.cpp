#include "agent/ssh/sftp_packet.h"

#include <sys/stat.h>

namespace berth::agent::ssh::sftp {
namespace {

constexpr std::uint32_t has_size = 1;
constexpr std::uint32_t has_owner = 2;
constexpr std::uint32_t has_permissions = 4;
constexpr std::uint32_t has_times = 8;
constexpr std::uint32_t has_extended = 0x80000000;

}  // namespace

std::uint64_t Reader::number(std::size_t bytes) {
    if (data_.size() < bytes) {
        ok_ = false;
        data_ = {};
        return 0;
    }
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes; ++i)
        value = value << 8 | static_cast<unsigned char>(data_[i]);
    data_.remove_prefix(bytes);
    return value;
}

std::string_view Reader::text() {
    std::uint32_t size = u32();
    if (size > data_.size()) {
        ok_ = false;
        data_ = {};
        return {};
    }
    auto value = data_.substr(0, size);
    data_.remove_prefix(size);
    return value;
}

Attributes Reader::attributes() {
    Attributes out;
    std::uint32_t flags = u32();
    if ((flags & has_size) != 0) out.size = u64();
    if ((flags & has_owner) != 0) {
        auto user = u32();
        out.owner = {user, u32()};
    }
    if ((flags & has_permissions) != 0) out.permissions = u32();
    if ((flags & has_times) != 0) {
        auto access = u32();
        out.times = {access, u32()};
    }
    if ((flags & has_extended) != 0) {
        for (std::uint32_t count = u32(); count > 0 && ok_; --count) {
            text();
            text();
        }
    }
    return out;
}

Writer& Writer::number(std::uint64_t value, std::size_t bytes) {
    for (std::size_t i = bytes; i > 0; --i)
        data_ += static_cast<char>(value >> (8 * (i - 1)) & 0xff);
    return *this;
}

Writer& Writer::text(std::string_view value) {
    u32(static_cast<std::uint32_t>(value.size()));
    data_ += value;
    return *this;
}

Writer& Writer::attributes(const struct stat& info) {
    u32(has_size | has_owner | has_permissions | has_times);
    u64(static_cast<std::uint64_t>(info.st_size));
    u32(info.st_uid).u32(info.st_gid).u32(info.st_mode);
    return u32(static_cast<std::uint32_t>(info.st_atime)).u32(static_cast<std::uint32_t>(info.st_mtime));
}

std::string Writer::take() {
    auto size = static_cast<std::uint32_t>(data_.size() - 4);
    for (std::size_t i = 0; i < 4; ++i)
        data_[i] = static_cast<char>(size >> (8 * (3 - i)) & 0xff);
    return std::move(data_);
}

}  // namespace berth::agent::ssh::sftp
