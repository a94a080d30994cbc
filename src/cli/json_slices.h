#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Parts of a JSON text as they are written, for changes that must leave every number of the rest as it is.
/// What is given to these is valid JSON already; a result points into it, without spaces around.
namespace berth::cli::json_slices {

/// The value of an object's member; of several with one name the last.
std::optional<std::string_view> member(std::string_view object, std::string_view name);

std::vector<std::string_view> elements(std::string_view array);

/// An array of them, each as it is.
std::string array_of(const std::vector<std::string_view>& elements);

/// `whole` with `part`, which points into it, replaced.
std::string with(std::string_view whole, std::string_view part, std::string_view replacement);

}  // namespace berth::cli::json_slices
