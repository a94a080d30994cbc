#pragma once

// Private to sftp*.cpp: the fields of draft-ietf-secsh-filexfer-02.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

struct stat;

namespace berth::agent::ssh::sftp {

enum class Type : std::uint8_t {
    init = 1,
    version = 2,
    open = 3,
    close = 4,
    read = 5,
    write = 6,
    lstat = 7,
    fstat = 8,
    setstat = 9,
    fsetstat = 10,
    opendir = 11,
    readdir = 12,
    remove = 13,
    mkdir = 14,
    rmdir = 15,
    realpath = 16,
    stat = 17,
    rename = 18,
    readlink = 19,
    symlink = 20,
    status = 101,
    handle = 102,
    data = 103,
    name = 104,
    attrs = 105,
    extended = 200,
    extended_reply = 201,
};

enum class Status : std::uint32_t {
    ok = 0,
    eof = 1,
    no_such_file = 2,
    permission_denied = 3,
    failure = 4,
    bad_message = 5,
    unsupported = 8,
};

struct Attributes {
    std::optional<std::uint64_t> size;
    std::optional<std::pair<std::uint32_t, std::uint32_t>> owner;
    std::optional<std::uint32_t> permissions;
    /// Of access and of modification, in seconds.
    std::optional<std::pair<std::uint32_t, std::uint32_t>> times;
};

/// Takes fields from the front of a packet. After a field that is not there every read gives zero or "", and
/// ok() is false.
class Reader {
public:
    explicit Reader(std::string_view data) : data_(data) {}
    [[nodiscard]] bool ok() const { return ok_; }
    std::uint8_t byte() { return static_cast<std::uint8_t>(number(1)); }
    std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
    std::uint64_t u64() { return number(8); }
    std::string_view text();
    Attributes attributes();

private:
    std::uint64_t number(std::size_t bytes);
    std::string_view data_;
    bool ok_ = true;
};

/// Builds a packet, length in front.
class Writer {
public:
    explicit Writer(Type type) : data_(4, '\0') { byte(static_cast<std::uint8_t>(type)); }
    Writer& byte(std::uint8_t value) { return number(value, 1); }
    Writer& u32(std::uint32_t value) { return number(value, 4); }
    Writer& u64(std::uint64_t value) { return number(value, 8); }
    Writer& text(std::string_view value);
    Writer& attributes(const struct stat& info);
    /// Ends the packet.
    std::string take();

private:
    Writer& number(std::uint64_t value, std::size_t bytes);
    std::string data_;
};

}  // namespace berth::agent::ssh::sftp
