#pragma once

#include <filesystem>

#include "coderd/templates/tag_reader.h"

namespace berth::cli {

/// Reads the tags of templates for the server, in folders below `root`, which is emptied first.
class ArchiveTags final : public coderd::TagReader {
public:
    ArchiveTags(asio::any_io_executor workers, std::filesystem::path root);

    asio::awaitable<Result<coderd::TemplateTags>> read(std::string archive, Values variables,
                                                       Values parameters) override;

private:
    asio::any_io_executor workers_;
    const std::filesystem::path root_;
};

}  // namespace berth::cli
