#include "cli/table.h"

#include <algorithm>
#include <cstdint>

#include "base/text.h"

namespace berth::cli {
namespace {

/// Code points, which is what most terminals show as one cell.
std::size_t width(const std::string& text) {
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<std::uint8_t>(c) & 0xc0) != 0x80; }));
}

std::string line(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths) {
    std::string text;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        text += cells[i];
        if (i + 1 < cells.size()) text += std::string(widths[i] - width(cells[i]) + 2, ' ');
    }
    return text + "\n";
}

}  // namespace

std::string Table::to_string() const {
    std::vector<std::vector<std::string>> lines{headings_};
    for (const auto& row : rows_) {
        auto& cells = lines.emplace_back();
        for (const auto& cell : row)
            cells.push_back(printable(cell));
        cells.resize(headings_.size());
    }
    std::vector<std::size_t> widths(headings_.size(), 0);
    for (const auto& cells : lines)
        for (std::size_t i = 0; i < cells.size(); ++i)
            widths[i] = std::max(widths[i], width(cells[i]));
    std::string text;
    for (const auto& cells : lines)
        text += line(cells, widths);
    return text;
}

Result<Table> Table::select(const std::vector<std::string>& names) const {
    if (names.empty()) return *this;
    std::vector<std::size_t> chosen;
    std::vector<std::string> headings;
    for (const auto& name : names) {
        auto same = [&](const std::string& heading) {
            return base::to_lower(heading) == base::to_lower(name);
        };
        auto found = std::find_if(headings_.begin(), headings_.end(), same);
        if (found == headings_.end())
            return invalid_argument("there is no column \"" + name + "\"",
                                    "columns: " + base::to_lower(base::join(headings_, ", ")));
        chosen.push_back(static_cast<std::size_t>(found - headings_.begin()));
        headings.push_back(*found);
    }
    Table table(std::move(headings));
    for (const auto& row : rows_) {
        std::vector<std::string> cells;
        for (auto column : chosen)
            cells.push_back(column < row.size() ? row[column] : std::string());
        table.add(std::move(cells));
    }
    return table;
}

std::string printable(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (auto byte = static_cast<std::uint8_t>(c); (byte < 0x20 && c != '\t') || byte == 0x7f) c = '?';
    return out;
}

}  // namespace berth::cli
