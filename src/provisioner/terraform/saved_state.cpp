#include "provisioner/terraform/saved_state.h"

#include <boost/json.hpp>

#include "provisioner/terraform/files.h"

namespace berth::terraform {
namespace {

constexpr std::size_t max_state = 64 << 20;

/// Ends too early. Whatever else may be odd about it is for terraform to judge, not a reason to lose it.
bool is_cut(const std::string& json) {
    boost::system::error_code failed;
    boost::json::parse_options options;
    options.max_depth = 1000;
    boost::json::stream_parser parser({}, options);
    parser.write(json, failed);
    if (!failed) parser.finish(failed);
    return failed == boost::json::error::incomplete;
}

}  // namespace

Result<std::string> read_saved_state(const std::filesystem::path& path) {
    auto state = read_file(path, max_state);
    if (state && !is_cut(*state)) return state;
    if (!state && state.error().code() != ErrorCode::not_found) return state;
    auto before = read_file(path.string() + ".backup", max_state);
    if (before && !is_cut(*before)) return before;
    if (before || before.error().code() != ErrorCode::not_found || state)
        return internal_error("terraform has left half of its state in " + path.string());
    return std::string();
}

}  // namespace berth::terraform
