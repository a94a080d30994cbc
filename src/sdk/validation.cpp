#include "sdk/validation.h"

#include <algorithm>

#include "base/crypto.h"
#include "base/text.h"

namespace berth::sdk {
namespace {

bool is_alphanumeric(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::size_t characters(std::string_view text) {
    return std::count_if(text.begin(), text.end(),
                         [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; });
}

/// Letters and digits, in groups separated by single characters of `separators`.
bool is_segmented(std::string_view text, std::string_view separators) {
    bool after_letter = false;
    for (char c : text) {
        if (!is_alphanumeric(c) && (!after_letter || separators.find(c) == std::string_view::npos))
            return false;
        after_letter = is_alphanumeric(c);
    }
    return after_letter;
}

std::string sluglike_problem(std::string_view name, std::size_t longest) {
    if (name.empty()) return "must not be empty";
    if (name.size() > longest) return "must be at most " + std::to_string(longest) + " characters long";
    if (!is_segmented(name, "-")) return "must be letters and digits, with single hyphens between them";
    if (name == "new" || name == "create") return "must not be \"" + std::string(name) + "\"";
    return {};
}

std::string free_text_problem(std::string_view text, std::size_t longest) {
    if (characters(text) > longest) return "must be at most " + std::to_string(longest) + " characters long";
    if (base::trim(text) != text) return "must not begin or end with white space";
    return {};
}

std::string content_problem(Check check, std::string_view text) {
    switch (check) {
        case Check::none:
            return {};
        case Check::username:
        case Check::template_name:
        case Check::workspace_name:
        case Check::organization_name:
            return name_problem(text);
        case Check::group_name:
            return group_name_problem(text);
        case Check::template_version_name:
            return version_name_problem(text);
        case Check::oauth2_app_name:
        case Check::display_name:
            return display_name_problem(text);
        case Check::real_name:
            return real_name_problem(text);
        case Check::email:
            return email_problem(text);
        case Check::http_url:
            return http_url_problem(text);
    }
    return {};
}

bool is_set(const TypeInfo& type, const void* value) {
    switch (type.kind) {
        case Kind::text:
            return !static_cast<const std::string*>(value)->empty();
        case Kind::uuid:
            return !static_cast<const Uuid*>(value)->is_nil();
        case Kind::time:
            return *static_cast<const base::Time*>(value) != zero_time;
        case Kind::enumeration:
            return *static_cast<const std::uint8_t*>(value) != 0;
        case Kind::boolean:
            return *static_cast<const bool*>(value);
        case Kind::integer:
            return type.get_integer(value) != 0;
        case Kind::bytes:
            return !static_cast<const Bytes*>(value)->data.empty();
        case Kind::optional:
            return type.get_optional(value) != nullptr;
        case Kind::list:
        case Kind::map:
            return type.size(value) != 0;
        default:
            return true;
    }
}

class Validator {
public:
    void check(const TypeInfo& type, const void* value, const std::string& path);
    Result<void> result();

private:
    void check_object(const TypeInfo& type, const void* value, const std::string& path);
    void check_field(const TypeInfo& type, const void* object, const Field& field, const std::string& path);
    static bool is_set_by_name(const TypeInfo& type, const void* object, std::string_view name);

    std::vector<FieldError> problems_;
};

struct Visit {
    Validator& validator;
    const TypeInfo& element;
    const std::string& path;
    std::size_t index = 0;

    static void each(void* context, std::string_view key, const void* value) {
        auto& self = *static_cast<Visit*>(context);
        std::string place = key.empty() ? std::to_string(self.index++) : "\"" + std::string(key) + "\"";
        self.validator.check(self.element, value, self.path + "[" + place + "]");
    }
};

void Validator::check(const TypeInfo& type, const void* value, const std::string& path) {
    if (type.kind == Kind::object) check_object(type, value, path);
    if (type.kind == Kind::optional) {
        const void* content = type.get_optional(value);
        if (content != nullptr) check(type.element(), content, path);
    }
    if ((type.kind == Kind::list || type.kind == Kind::map) && type.element().kind == Kind::object) {
        Visit visit{*this, type.element(), path};
        type.each(value, &Visit::each, &visit);
    }
}

void Validator::check_object(const TypeInfo& type, const void* value, const std::string& path) {
    for (const auto& field : type.fields) {
        const void* member = static_cast<const char*>(value) + field.offset;
        if (field.is_embedded) {
            check(field.type(), member, path);
            continue;
        }
        std::string place = path.empty() ? std::string(field.name) : path + "." + std::string(field.name);
        check_field(type, value, field, place);
        check(field.type(), member, place);
    }
}

bool Validator::is_set_by_name(const TypeInfo& type, const void* object, std::string_view name) {
    return std::any_of(type.fields.begin(), type.fields.end(), [&](const Field& field) {
        return field.name == name && is_set(field.type(), static_cast<const char*>(object) + field.offset);
    });
}

void Validator::check_field(const TypeInfo& type, const void* object, const Field& field,
                            const std::string& path) {
    const TypeInfo* content_type = &field.type();
    const void* content = static_cast<const char*>(object) + field.offset;
    if (!is_set(*content_type, content)) {
        if (field.is_required) problems_.push_back({path, "is required"});
        if (!field.needed_without.empty() && !is_set_by_name(type, object, field.needed_without))
            problems_.push_back(
                {path, "is required when " + std::string(field.needed_without) + " is not set"});
        return;
    }
    if (!field.forbidden_with.empty() && is_set_by_name(type, object, field.forbidden_with))
        problems_.push_back({path, "must not be set together with " + std::string(field.forbidden_with)});
    if (content_type->kind == Kind::optional) {
        content = content_type->get_optional(content);
        content_type = &content_type->element();
    }
    if (content_type->kind != Kind::text) return;
    const auto& text = *static_cast<const std::string*>(content);
    if (field.longest != 0 && characters(text) > field.longest)
        problems_.push_back({path, "must be at most " + std::to_string(field.longest) + " characters long"});
    auto problem = text.empty() ? std::string() : content_problem(field.content, text);
    if (!problem.empty()) problems_.push_back({path, std::move(problem)});
}

Result<void> Validator::result() {
    if (problems_.empty()) return {};
    auto error = invalid_argument("Validation failed.");
    for (auto& problem : problems_)
        std::move(error).with_field(problem.field, problem.detail);
    return error;
}

}  // namespace

std::string name_problem(std::string_view name) { return sluglike_problem(name, 32); }

std::string group_name_problem(std::string_view name) { return sluglike_problem(name, 255); }

std::string version_name_problem(std::string_view name) {
    if (name.empty()) return "must not be empty";
    if (name.size() > 64) return "must be at most 64 characters long";
    if (!is_segmented(name, "-_."))
        return "must be letters and digits, with single \"-\", \"_\" or \".\" between them";
    return {};
}

std::string display_name_problem(std::string_view name) { return free_text_problem(name, 64); }

std::string real_name_problem(std::string_view name) { return free_text_problem(name, 128); }

std::string email_problem(std::string_view email) {
    constexpr const char* problem = "must be an e-mail address";
    auto at = email.find('@');
    if (email.size() > 254 || at == 0 || at == std::string_view::npos || at > 64) return problem;
    auto domain = email.substr(at + 1);
    bool plain = std::none_of(email.begin(), email.end(), [](char c) {
        return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f || c == '<' || c == '>' || c == ',' ||
               c == '"';
    });
    if (!plain || domain.find('@') != std::string_view::npos ||
        !is_segmented(base::replace_all(std::string(domain), "--", "-"), ".-"))
        return problem;
    return {};
}

std::string http_url_problem(std::string_view url) {
    auto rest = url.starts_with("https://") ? url.substr(8) : url.starts_with("http://") ? url.substr(7) : "";
    bool plain = std::none_of(url.begin(), url.end(), [](char c) {
        return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f || c == '"' || c == '<' || c == '>' ||
               c == '\\';
    });
    auto host = rest.substr(0, rest.find_first_of("/?#"));
    if (!plain || host.empty() || host[0] == ':') return "must be an http or https URL";
    return {};
}

std::string username_from(std::string_view text) {
    text = text.substr(0, text.find('@'));
    std::string name;
    for (char c : text) {
        if (is_alphanumeric(c)) {
            name += c;
        } else if (!name.empty() && name.back() != '-') {
            name += '-';
        }
    }
    name.resize(std::min<std::size_t>(name.size(), 32));
    while (name.ends_with('-'))
        name.pop_back();
    return valid_name(name) ? name : "user-" + base::to_lower(base::random_alphanumeric(8));
}

Result<void> validate(const TypeInfo& type, const void* value) {
    Validator validator;
    validator.check(type, value, {});
    return validator.result();
}

}  // namespace berth::sdk
