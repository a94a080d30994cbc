#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/text.h"
#include "base/uuid.h"
#include "sdk/search.h"

namespace berth::coderd {

/// A term of `q` whose value cannot be used.
inline Error bad_term(std::string_view key, std::string_view value, std::string_view problem) {
    return invalid_argument("Invalid search query.")
        .with_field("q", std::string(key) + ": \"" + std::string(value) + "\" " + std::string(problem));
}

/// All values of a term, each read by `parse` (text to optional); one that it cannot read is refused.
template <class T, class Parse>
Result<std::vector<T>> search_values(sdk::SearchQuery& search, std::string_view key, Parse parse) {
    std::vector<T> values;
    for (const auto& text : search.list(key)) {
        auto value = parse(base::to_lower(text));
        if (!value) return bad_term(key, text, "is not a known value");
        values.push_back(*value);
    }
    return values;
}

}  // namespace berth::coderd
