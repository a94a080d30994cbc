#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace berth::cli {

/// Columns for people: headings, then rows, each cell padded to the widest of its column.
class Table {
public:
    explicit Table(std::vector<std::string> headings) : headings_(std::move(headings)) {}
    void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
    [[nodiscard]] std::string to_string() const;
    /// Only these columns, in this order; names in any case. Without names, all.
    [[nodiscard]] Result<Table> select(const std::vector<std::string>& names) const;

private:
    std::vector<std::string> headings_;
    std::vector<std::vector<std::string>> rows_;
};

/// What others wrote, made safe for a terminal: control characters (escape sequences above all) become "?".
std::string printable(std::string_view text);

}  // namespace berth::cli
