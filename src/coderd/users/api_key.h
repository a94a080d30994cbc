#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/secret.h"

namespace berth::coderd {

/// An API key is shown once as "<id>-<secret>": 10 and 22 characters of [A-Za-z0-9]. Only the SHA-256 of the
/// secret is stored.
struct ApiKeyToken {
    std::string id;
    SecretString secret;

    ApiKeyToken(std::string_view public_id, std::string_view secret_text);
    static ApiKeyToken generate();
    /// With an id that whoever has `owner`'s text comes to again, and a secret nobody does.
    static ApiKeyToken generate_for(std::string_view owner);
    static std::optional<ApiKeyToken> parse(std::string_view text);

    [[nodiscard]] SecretString text() const;
    /// Raw 32 bytes, as the database keeps it.
    [[nodiscard]] std::string hashed_secret() const;
};

}  // namespace berth::coderd
