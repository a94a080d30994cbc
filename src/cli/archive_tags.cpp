#include "cli/archive_tags.h"

#include "net/runtime.h"
#include "provisioner/terraform/workspace_tags.h"

namespace berth::cli {

ArchiveTags::ArchiveTags(asio::any_io_executor workers, std::filesystem::path root)
    : workers_(std::move(workers)), root_(std::move(root)) {
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
}

asio::awaitable<Result<coderd::TemplateTags>> ArchiveTags::read(std::string archive, Values variables,
                                                                Values parameters) {
    auto work = [root = root_, archive = std::move(archive),
                 given = terraform::GivenValues{std::move(variables), std::move(parameters)}] {
        return terraform::read_archived_tags(root, archive, given);
    };
    auto tags = co_await net::run_on(workers_, std::move(work));
    if (!tags) co_return tags.error();
    coderd::TemplateTags found;
    found.values = std::move(tags->values);
    found.unknown = std::move(tags->unknown);
    co_return found;
}

}  // namespace berth::cli
