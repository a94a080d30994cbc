#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/asio.h"
#include "base/result.h"
#include "coderd/jobs/tags.h"

namespace berth::coderd {

/// What a template's workspace tags say.
struct TemplateTags {
    Tags values;
    /// Keys of the tags that nothing but terraform can evaluate.
    std::vector<std::string> unknown;
};

/// Reads templates without terraform. May be called from any loop.
class TagReader {
public:
    using Values = std::map<std::string, std::string>;

    virtual ~TagReader() = default;
    /// The tags in this archive with these values of variables and parameters, and their defaults for the
    /// others.
    virtual asio::awaitable<Result<TemplateTags>> read(std::string archive, Values variables,
                                                       Values parameters) = 0;
};

}  // namespace berth::coderd
