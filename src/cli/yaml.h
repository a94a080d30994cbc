#pragma once

#include <boost/json/value.hpp>
#include <yaml-cpp/yaml.h>

namespace berth::cli {

/// The node as JSON. What is quoted is a text; a plain word is null, true, false or a number where JSON has
/// it so, else a text. Throws YAML::Exception when a key is not a text, and above 64 levels or 100,000 values
/// (aliases count as often as they stand).
boost::json::value json_of(const YAML::Node& node);

}  // namespace berth::cli
