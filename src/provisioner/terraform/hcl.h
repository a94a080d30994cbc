#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/value.hpp>

#include "base/result.h"

/// Reads the structure of HCL files (what Terraform's *.tf files are written in) without evaluating them.
namespace berth::terraform::hcl {

struct Position {
    int line = 1;
    int column = 1;
};

struct Expression {
    /// As written, without surrounding spaces and comments.
    std::string text;
    /// The value, when the expression is made of literals only: no reference, call, interpolation or operator
    /// (but for a minus before a number), and no number that would be rounded.
    std::optional<boost::json::value> constant;
    Position where;
};

struct Attribute {
    std::string name;
    Expression value;
    Position where;
};

struct Block;

struct Body {
    std::vector<Attribute> attributes;
    std::vector<Block> blocks;

    [[nodiscard]] const Attribute* attribute(std::string_view name) const;
};

struct Block {
    std::string type;
    std::vector<std::string> labels;
    Body body;
    Position where;
};

struct Limits {
    std::size_t bytes = 16 << 20;
    int depth = 64;
    std::size_t items = 100'000;
};

/// Errors name the place: "main.tf:3:5: …"; too_large for what is above a limit of bytes or depth.
Result<Body> parse(std::string_view source, std::string_view file_name, const Limits& limits = {});

/// The items of `{ key = expression … }`; nothing when the expression is something else. A key keeps its
/// quotes off.
Result<std::optional<std::vector<std::pair<std::string, Expression>>>> object_items(
    const Expression& expression, std::string_view file_name);

}  // namespace berth::terraform::hcl
