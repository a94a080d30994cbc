#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace berth::base {

using Sha256 = std::array<std::uint8_t, 32>;

/// Fills from the operating system's generator; aborts when there is none, because nothing safe can follow.
void fill_random(std::span<std::uint8_t> out);
/// `length` characters of [A-Za-z0-9], uniformly drawn.
std::string random_alphanumeric(std::size_t length);

/// Two hexadecimal digits for each random byte.
std::string random_hex(std::size_t bytes);

Sha256 sha256(std::string_view data);
std::string sha256_hex(std::string_view data);
std::string sha1_hex(std::string_view data);

/// AES-256-GCM with a random nonce: nonce, ciphertext and tag in one. `bound_to` is not in the result but
/// must be the same when it is opened. `key` has 32 bytes.
std::string aes256_gcm_seal(std::string_view key, std::string_view plain, std::string_view bound_to);
/// nullopt when the key, the bytes or what they are bound to are not those of the sealing.
std::optional<std::string> aes256_gcm_open(std::string_view key, std::string_view sealed,
                                           std::string_view bound_to);

/// Takes a time that depends on the lengths only.
bool constant_time_equal(std::string_view a, std::string_view b);

std::string hex_encode(std::span<const std::uint8_t> data);
std::optional<std::string> hex_decode(std::string_view text);
std::string base64_encode(std::string_view data);
/// Standard alphabet with padding; nothing else is accepted.
std::optional<std::string> base64_decode(std::string_view text);

}  // namespace berth::base
