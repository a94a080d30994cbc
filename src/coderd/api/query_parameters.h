#pragma once

#include <string>
#include <vector>

#include "sdk/openapi.h"

namespace berth::coderd {

// What several lists read from their query strings, for the documents.

using QueryParameters = std::vector<sdk::QueryParameter>;

inline QueryParameters page_query() {
    return {{"limit", "integer", "At most so many; all without it or with 0"},
            {"offset", "integer", "Leaves out so many of the first"}};
}

inline sdk::QueryParameter after_id_query() {
    return {"after_id", "string", "Starts after the item with this id"};
}

inline sdk::QueryParameter search_query(const std::string& terms) {
    return {"q", "string", "Search terms like key:value; keys are " + terms};
}

inline QueryParameters log_query() {
    return {{"after", "integer", "Only lines with a greater id"},
            {"before", "integer", "Only lines with a smaller id; not with follow"},
            {"follow", "boolean", "Upgrades to a WebSocket on which lines go on coming"},
            {"format", "string", "json, or text: plain lines; not with follow"}};
}

}  // namespace berth::coderd
