#pragma once

#include <span>

namespace berth::db {

struct Migration {
    int version;
    const char* name;
    const char* sql;
};

/// Those of sql/migrations/, by version; their text is compiled in.
std::span<const Migration> migrations();

}  // namespace berth::db
