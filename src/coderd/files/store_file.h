#pragma once

#include <string>

#include "coderd/context.h"
#include "rbac/actor.h"

namespace berth::coderd {

inline constexpr std::string_view tar_type = "application/x-tar";
inline constexpr std::string_view zip_type = "application/zip";

struct StoredFile {
    Uuid id;
    /// False when the same content was there already.
    bool is_new = false;
};

/// Keeps a tar archive in the name of its uploader; the same content is kept once for each.
asio::awaitable<Result<StoredFile>> store_file(Context& context, const rbac::Actor& actor, Uuid user_id,
                                               std::string tar);

}  // namespace berth::coderd
