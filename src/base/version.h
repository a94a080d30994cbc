#pragma once

#include <string_view>

namespace berth::base {

/// What clients see: the Coder version berth is compatible with, plus its own as build metadata, because
/// editor plugins switch features by comparing it.
inline constexpr std::string_view version = "v2.34.0+berth.0.1.0";
inline constexpr std::string_view provisionerd_api_version = "1.17";
inline constexpr std::string_view agent_api_version = "2.7";

}  // namespace berth::base
