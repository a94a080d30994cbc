#include "sdk/codec.h"

#include <charconv>
#include <limits>

#include "base/crypto.h"
#include "base/text.h"
#include "sdk/json_reader.h"
#include "sdk/json_writer.h"
#include "sdk/validation.h"

namespace berth::sdk {
namespace {

template <class T>
const T& as(const void* value) {
    return *static_cast<const T*>(value);
}
template <class T>
T& as(void* value) {
    return *static_cast<T*>(value);
}

/// What `omitempty` leaves out.
bool is_empty(const TypeInfo& type, const void* value) {
    switch (type.kind) {
        case Kind::boolean:
            return !as<bool>(value);
        case Kind::integer:
            return type.get_integer(value) == 0;
        case Kind::number:
            return as<double>(value) == 0;
        case Kind::text:
            return as<std::string>(value).empty();
        case Kind::duration:
            return as<base::Duration>(value).count() == 0;
        case Kind::bytes:
            return as<Bytes>(value).data.empty();
        case Kind::raw:
            return as<RawJson>(value).text.empty();
        case Kind::enumeration:
            return as<std::uint8_t>(value) == 0;
        case Kind::optional:
            return type.get_optional(value) == nullptr;
        case Kind::list:
        case Kind::map:
            return type.size(value) == 0;
        case Kind::uuid:
        case Kind::time:
        case Kind::converted:
        case Kind::object:
            return false;
    }
    return false;
}

void write(std::string& out, const TypeInfo& type, const void* value);

void write_fields(std::string& out, const TypeInfo& type, const void* value, bool& first) {
    for (const auto& field : type.fields) {
        const void* member = static_cast<const char*>(value) + field.offset;
        const TypeInfo& member_type = field.type();
        if (field.is_embedded) {
            write_fields(out, member_type, member, first);
            continue;
        }
        if (field.only_read) continue;
        if (field.may_be_omitted && !field.always_written && is_empty(member_type, member)) continue;
        if (!first) out += ',';
        first = false;
        out += '"';
        out += field.name;
        out += "\":";
        write(out, member_type, member);
    }
}

struct ElementWriter {
    std::string& out;
    const TypeInfo& element;
    bool keyed;
    bool first = true;

    static void visit(void* context, std::string_view key, const void* value) {
        auto& self = *static_cast<ElementWriter*>(context);
        if (!self.first) self.out += ',';
        self.first = false;
        if (self.keyed) {
            append_json_text(self.out, key);
            self.out += ':';
        }
        write(self.out, self.element, value);
    }
};

void write_elements(std::string& out, const TypeInfo& type, const void* value) {
    bool keyed = type.kind == Kind::map;
    ElementWriter writer{out, type.element(), keyed};
    out += keyed ? '{' : '[';
    type.each(value, &ElementWriter::visit, &writer);
    out += keyed ? '}' : ']';
}

void write(std::string& out, const TypeInfo& type, const void* value) {
    switch (type.kind) {
        case Kind::boolean:
            out += as<bool>(value) ? "true" : "false";
            return;
        case Kind::integer:
            out += std::to_string(type.get_integer(value));
            return;
        case Kind::number:
            append_json_number(out, as<double>(value));
            return;
        case Kind::text:
            append_json_text(out, as<std::string>(value));
            return;
        case Kind::uuid:
            out += '"' + as<Uuid>(value).to_string() + '"';
            return;
        case Kind::time:
            out += '"' + base::format_rfc3339(as<base::Time>(value)) + '"';
            return;
        case Kind::duration:
            out += std::to_string(as<base::Duration>(value).count());
            return;
        case Kind::bytes:
            out += '"' + base::base64_encode(as<Bytes>(value).data) + '"';
            return;
        case Kind::raw:
            append_json_raw(out, as<RawJson>(value).text);
            return;
        case Kind::converted:
            append_json_text(out, type.to_text(value));
            return;
        case Kind::list:
        case Kind::map:
            write_elements(out, type, value);
            return;
        case Kind::enumeration: {
            std::size_t at = std::min<std::size_t>(as<std::uint8_t>(value), type.values.size() - 1);
            append_json_text(out, type.values[at]);
            return;
        }
        case Kind::optional: {
            const void* content = type.get_optional(value);
            if (content == nullptr) {
                out += "null";
            } else {
                write(out, type.element(), content);
            }
            return;
        }
        case Kind::object: {
            bool first = true;
            out += '{';
            write_fields(out, type, value, first);
            out += '}';
            return;
        }
    }
}

/// What a value of the type must look like, for error texts.
std::string expectation(const TypeInfo& type) {
    switch (type.kind) {
        case Kind::boolean:
            return "must be true or false";
        case Kind::integer:
            return "must be an integer in range";
        case Kind::number:
            return "must be a number";
        case Kind::text:
            return "must be a string";
        case Kind::uuid:
            return "must be a UUID";
        case Kind::time:
            return "must be an RFC 3339 time";
        case Kind::duration:
            return "must be an integer number of nanoseconds";
        case Kind::bytes:
            return "must be base64";
        case Kind::converted:
            return "must be a string of the form <type>:<id>";
        case Kind::list:
            return "must be a list";
        case Kind::map:
        case Kind::object:
            return "must be an object";
        case Kind::raw:
        case Kind::optional:
            return "must be a JSON value";
        case Kind::enumeration:
            break;
    }
    std::string names;
    std::size_t real = type.values.size() - (type.unknown_is_real ? 0 : 1);
    for (std::size_t at = 1; at < real; ++at)
        names += (at == 1 ? "" : ", ") + std::string(type.values[at]);
    return "must be one of " + names;
}

/// A field of the table, base classes included; the offset is from the whole object.
struct FoundField {
    const Field* field = nullptr;
    std::size_t offset = 0;
};

FoundField find_field(const TypeInfo& type, std::string_view name) {
    for (const auto& field : type.fields) {
        if (!field.is_embedded) {
            if (field.name == name) return {&field, field.offset};
            continue;
        }
        auto found = find_field(field.type(), name);
        if (found.field != nullptr) return {found.field, found.offset + field.offset};
    }
    return {};
}

class Decoder {
public:
    Decoder(std::string_view text, const DecodeOptions& options)
        : reader_(text, options.max_depth), options_(options) {}

    Result<void> run(const TypeInfo& type, void* value) {
        if (read(type, value) && reader_.finish()) return {};
        if (!problem_.empty()) {
            auto error =
                invalid_argument("The JSON body does not have the expected shape.", path_ + ": " + problem_);
            return std::move(error).with_field(path_, problem_);
        }
        auto problem = reader_.problem() + " at byte " + std::to_string(reader_.position());
        return invalid_argument("The body is not valid JSON.", problem).with_field("body", problem);
    }

private:
    bool refuse(std::string problem) {
        problem_ = std::move(problem);
        if (path_.empty()) path_ = "body";
        return false;
    }
    bool mismatch(const TypeInfo& type) {
        // A syntax error is told as such, not as a value of the wrong type.
        std::string_view raw;
        return reader_.skip(raw) && refuse(expectation(type));
    }

    bool read(const TypeInfo& type, void* value);
    bool read_fields(const TypeInfo& type, void* value);
    bool read_elements(const TypeInfo& type, void* value);
    bool read_entries(const TypeInfo& type, void* value);
    bool read_number(const TypeInfo& type, void* value);
    bool read_from_text(const TypeInfo& type, void* value);
    bool store_text(const TypeInfo& type, void* value, const std::string& text);
    bool store_enumerator(const TypeInfo& type, void* value, const std::string& text);
    /// Bounds what a small body can make of memory.
    bool count_element() { return ++elements_ <= options_.max_elements || refuse("holds too many values"); }

    JsonReader reader_;
    const DecodeOptions& options_;
    std::string path_;
    std::string problem_;
    std::size_t elements_ = 0;
};

bool Decoder::read(const TypeInfo& type, void* value) {
    using Token = JsonReader::Token;
    if (type.kind == Kind::raw) {
        std::string_view raw;
        if (!reader_.skip(raw)) return false;
        as<RawJson>(value).text = raw == "null" ? std::string_view() : raw;
        return true;
    }
    Token token = reader_.peek();
    if (token == Token::null) {
        if (type.clear != nullptr) type.clear(value);
        return reader_.read_null();
    }
    switch (type.kind) {
        case Kind::optional:
            return read(type.element(), type.emplace(value, {}));
        case Kind::boolean:
            return token == Token::boolean ? reader_.read_boolean(as<bool>(value)) : mismatch(type);
        case Kind::integer:
        case Kind::number:
        case Kind::duration:
            return token == Token::number ? read_number(type, value) : mismatch(type);
        case Kind::object:
            return token == Token::object ? read_fields(type, value) : mismatch(type);
        case Kind::map:
            return token == Token::object ? read_entries(type, value) : mismatch(type);
        case Kind::list:
            return token == Token::list ? read_elements(type, value) : mismatch(type);
        default:
            return token == Token::text ? read_from_text(type, value) : mismatch(type);
    }
}

bool Decoder::read_fields(const TypeInfo& type, void* value) {
    bool more = reader_.enter('{');
    std::size_t length = path_.size();
    std::string key;
    for (bool first = true; more; first = false) {
        if (!reader_.next_member(first, key, more)) return false;
        if (!more) break;
        auto found = find_field(type, key);
        if (found.field == nullptr) {
            std::string_view ignored;
            if (!reader_.skip(ignored)) return false;
            continue;
        }
        if (length != 0) path_ += '.';
        path_ += key;
        if (!read(found.field->type(), static_cast<char*>(value) + found.offset)) return false;
        path_.resize(length);
    }
    if (!reader_.problem().empty()) return false;
    if (type.normalize != nullptr) type.normalize(value);
    return true;
}

bool Decoder::read_elements(const TypeInfo& type, void* value) {
    type.clear(value);
    bool more = reader_.enter('[');
    std::size_t length = path_.size();
    std::size_t index = 0;
    for (bool first = true; more; first = false) {
        if (!reader_.next_element(first, more)) return false;
        if (!more) break;
        path_ += '[' + std::to_string(index++) + ']';
        if (!count_element() || !read(type.element(), type.emplace(value, {}))) return false;
        path_.resize(length);
    }
    return reader_.problem().empty();
}

bool Decoder::read_entries(const TypeInfo& type, void* value) {
    type.clear(value);
    bool more = reader_.enter('{');
    std::size_t length = path_.size();
    std::string key;
    for (bool first = true; more; first = false) {
        if (!reader_.next_member(first, key, more)) return false;
        if (!more) break;
        path_ += '[';
        append_json_text(path_, key);
        path_ += ']';
        if (!options_.tolerant && key.find('\0') != std::string::npos)
            return refuse("must not hold a NUL character");
        if (!count_element() || !read(type.element(), type.emplace(value, key))) return false;
        path_.resize(length);
    }
    return reader_.problem().empty();
}

bool Decoder::read_number(const TypeInfo& type, void* value) {
    std::string_view digits;
    if (!reader_.read_number(digits)) return false;
    if (type.kind == Kind::number) {
        double number = 0;
        auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), number);
        if (parsed.ec != std::errc()) return refuse("must be a number in range");
        as<double>(value) = number;
        return true;
    }
    auto number = base::parse_int<std::int64_t>(digits);
    if (!number) return refuse(expectation(type));
    if (type.kind == Kind::duration) {
        as<base::Duration>(value) = base::Duration(*number);
        return true;
    }
    return type.set_integer(value, *number) || refuse(expectation(type));
}

bool Decoder::read_from_text(const TypeInfo& type, void* value) {
    std::string text;
    if (!reader_.read_text(text)) return false;
    // PostgreSQL cannot hold it, and no name or value needs it.
    if (!options_.tolerant && text.find('\0') != std::string::npos)
        return refuse("must not hold a NUL character");
    return store_text(type, value, text) || (problem_.empty() && refuse(expectation(type)));
}

bool Decoder::store_text(const TypeInfo& type, void* value, const std::string& text) {
    switch (type.kind) {
        case Kind::text:
            as<std::string>(value) = text;
            return true;
        case Kind::converted:
            return type.from_text(value, text);
        case Kind::enumeration:
            return store_enumerator(type, value, text);
        case Kind::uuid: {
            auto id = Uuid::parse(text);
            if (id) as<Uuid>(value) = *id;
            return id.has_value();
        }
        case Kind::time: {
            auto time = base::parse_rfc3339(text);
            if (time) as<base::Time>(value) = *time;
            return time.has_value();
        }
        case Kind::bytes: {
            auto data = base::base64_decode(text);
            if (data) as<Bytes>(value).data = std::move(*data);
            return data.has_value();
        }
        default:
            return false;
    }
}

bool Decoder::store_enumerator(const TypeInfo& type, void* value, const std::string& text) {
    for (std::size_t at = 0; at < type.values.size(); ++at) {
        bool last = at + 1 == type.values.size();
        bool matches = type.values[at] == text && (!last || type.unknown_is_real);
        if (!matches && !(last && options_.tolerant)) continue;
        as<std::uint8_t>(value) = static_cast<std::uint8_t>(at);
        return true;
    }
    return false;
}

}  // namespace

std::string encode(const TypeInfo& type, const void* value) {
    std::string out;
    write(out, type, value);
    return out;
}

Result<void> decode(const TypeInfo& type, std::string_view text, void* value, const DecodeOptions& options) {
    if (text.size() > options.max_size) return Error(ErrorCode::too_large, "The JSON body is too large.");
    auto read = Decoder(text, options).run(type, value);
    if (!read || options.tolerant) return read;
    return validate(type, value);
}

TypeInfo object(std::string_view name, std::span<const Field> fields, void (*normalize)(void*)) {
    return TypeInfo{.kind = Kind::object, .name = name, .fields = fields, .normalize = normalize};
}

}  // namespace berth::sdk
