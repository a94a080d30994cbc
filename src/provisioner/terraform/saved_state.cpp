#include "provisioner/terraform/saved_state.h"

#include <boost/json.hpp>

#include "provisioner/terraform/files.h"

namespace berth::terraform {
namespace {

constexpr std::size_t max_state = 64 << 20;

bool is_whole(const std::string& json) {
    boost::system::error_code failed;
    boost::json::stream_parser parser;
    parser.write(json, failed);
    if (!failed) parser.finish(failed);
    return !failed;
}

}  // namespace

Result<std::string> read_saved_state(const std::filesystem::path& path) {
    for (std::string_view suffix : {"", ".backup"}) {
        auto state = read_file(path.string() + std::string(suffix), max_state);
        if (!state && state.error().code() == ErrorCode::not_found) continue;
        if (!state || is_whole(*state)) return state;
    }
    return std::string();
}

}  // namespace berth::terraform
