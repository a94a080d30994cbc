#include "provisioner/terraform/hcl.h"

#include <unordered_map>

#include <fmt/format.h>

#include "base/text.h"
#include "provisioner/terraform/hcl_scanner.h"

namespace berth::terraform::hcl {
namespace {

Error located(std::string_view file, const Scanner::SyntaxError& error) {
    return Error(error.code,
                 fmt::format("{}:{}:{}: {}", file, error.where.line, error.where.column, error.message));
}

class Parser {
public:
    Parser(std::string_view source, Position start, const Limits& limits)
        : scanner_(source, start, limits), limits_(limits) {}

    Body file() { return body(false, {}); }

    std::optional<std::vector<std::pair<std::string, Expression>>> object() {
        scanner_.skip_space(true);
        if (scanner_.peek() != '{') return std::nullopt;
        auto opened = scanner_.position();
        scanner_.advance();
        std::vector<std::pair<std::string, Expression>> items;
        while (true) {
            scanner_.skip_space(true);
            if (scanner_.at_end()) Scanner::fail_at(opened, "a closing } is missing");
            if (scanner_.peek() == '}') break;
            auto key = object_key();
            if (!key) return std::nullopt;
            scanner_.skip_space(false);
            if (scanner_.peek() != '=' && scanner_.peek() != ':')
                scanner_.fail("expected = after the key " + *key);
            scanner_.advance();
            items.emplace_back(*key, expression());
            scanner_.skip_space(true);
            if (scanner_.peek() == ',') scanner_.advance();
        }
        scanner_.advance();
        scanner_.skip_space(true);
        if (!scanner_.at_end()) return std::nullopt;
        return items;
    }

private:
    /// Nothing for a computed key or a `for` expression.
    std::optional<std::string> object_key() {
        if (scanner_.peek() == '"') return quoted_label();
        if (!scanner_.at_identifier()) return std::nullopt;
        auto name = scanner_.identifier();
        if (name == "for") return std::nullopt;
        return name;
    }

    Body body(bool in_block, Position opened) {
        Scanner::Nested nested(scanner_);
        Body out;
        Lines set_on;
        while (true) {
            scanner_.skip_space(true);
            if (scanner_.at_end()) {
                if (in_block) Scanner::fail_at(opened, "this block is never closed");
                return out;
            }
            if (in_block && scanner_.peek() == '}') {
                scanner_.advance();
                return out;
            }
            item(out, set_on, in_block);
        }
    }

    /// Where each argument of a body was set.
    using Lines = std::unordered_map<std::string, std::size_t>;

    void item(Body& out, Lines& set_on, bool in_block) {
        scanner_.count_item();
        auto where = scanner_.position();
        if (!scanner_.at_identifier())
            scanner_.fail(
                fmt::format("expected the name of an argument or a block, not '{}'", shown(scanner_.peek())));
        auto name = scanner_.identifier();
        scanner_.skip_space(false);
        if (scanner_.peek() == '=' && scanner_.peek(1) != '=') {
            scanner_.advance();
            auto [known, is_new] = set_on.emplace(name, where.line);
            if (!is_new)
                Scanner::fail_at(where,
                                 fmt::format("\"{}\" was set already on line {}", name, known->second));
            auto value = expression();
            out.attributes.push_back({std::move(name), std::move(value), where});
        } else {
            out.blocks.push_back(block(std::move(name), where));
        }
        if (in_block) {
            scanner_.skip_space(false);
            if (scanner_.peek() == '}') return;
        }
        if (!scanner_.take_line_end()) scanner_.fail("expected the end of the line here");
    }

    Block block(std::string type, Position where) {
        Block out{std::move(type), {}, {}, where};
        while (true) {
            scanner_.skip_space(false);
            if (scanner_.peek() == '{') break;
            if (scanner_.peek() == '"') {
                out.labels.push_back(quoted_label());
            } else if (scanner_.at_identifier()) {
                out.labels.push_back(scanner_.identifier());
            } else {
                scanner_.fail(fmt::format("expected = or a block after \"{}\"", out.type));
            }
            scanner_.count_item();
        }
        scanner_.advance();
        out.body = body(true, where);
        return out;
    }

    std::string quoted_label() {
        auto where = scanner_.position();
        auto from = scanner_.offset();
        scanner_.skip_string();
        auto value = constant_of(scanner_.text(from, scanner_.offset()), limits_);
        if (!value || !value->is_string()) Scanner::fail_at(where, "this name must be a plain string");
        return std::string(value->get_string());
    }

    Expression expression() {
        scanner_.skip_space(false);
        Expression out;
        out.where = scanner_.position();
        auto from = scanner_.offset();
        scanner_.skip_expression();
        auto text = scanner_.text(from, scanner_.offset());
        out.constant = constant_of(text, limits_);
        out.text = base::trim(text);
        return out;
    }

    static std::string shown(char c) {
        if (c >= ' ' && c < 0x7f) return {c};
        return fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }

    Scanner scanner_;
    Limits limits_;
};

}  // namespace

const Attribute* Body::attribute(std::string_view name) const {
    for (const auto& candidate : attributes)
        if (candidate.name == name) return &candidate;
    return nullptr;
}

Result<Body> parse(std::string_view source, std::string_view file_name, const Limits& limits) {
    if (source.size() > limits.bytes)
        return Error(ErrorCode::too_large, fmt::format("{}: larger than {} bytes", file_name, limits.bytes));
    if (source.starts_with("\xef\xbb\xbf")) source.remove_prefix(3);
    if (!base::is_valid_utf8(source)) return invalid_argument(fmt::format("{}: not UTF-8 text", file_name));
    try {
        return Parser(source, {}, limits).file();
    } catch (const Scanner::SyntaxError& error) {
        return located(file_name, error);
    }
}

Result<std::optional<std::vector<std::pair<std::string, Expression>>>> object_items(
    const Expression& expression, std::string_view file_name) {
    try {
        return Parser(expression.text, expression.where, {}).object();
    } catch (const Scanner::SyntaxError& error) {
        return located(file_name, error);
    }
}

}  // namespace berth::terraform::hcl
