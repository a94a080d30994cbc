#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/asio.h"
#include "base/result.h"
#include "db/codec.h"

namespace berth::db {

/// One statement to run. Its views must live until the answer; `text` names it in the cache of prepared
/// statements.
struct Command {
    std::string text;
    std::span<const std::uint32_t> parameter_types = {};
    Arguments arguments = {};
    /// False for a text that will hardly come again.
    bool prepare = true;
};

/// Whatever runs statements: the store (each by itself) or a transaction.
class Executor {
public:
    virtual ~Executor() = default;
    virtual asio::awaitable<Result<ResultSet>> execute(Command command) = 0;
};

}  // namespace berth::db
