#include "sdk/typescript.h"

#include <set>

#include "sdk/json_writer.h"
#include "sdk/types.h"

namespace berth::sdk {
namespace {

std::string type_expression(const TypeInfo& type, std::string_view vocabulary) {
    switch (type.kind) {
        case Kind::boolean:
            return "boolean";
        case Kind::integer:
        case Kind::number:
        case Kind::duration:
            return "number";
        case Kind::text:
            return vocabulary.empty() ? "string" : std::string(vocabulary);
        case Kind::uuid:
        case Kind::time:
        case Kind::bytes:
        case Kind::converted:
            return "string";
        case Kind::raw:
            return "unknown";
        case Kind::enumeration:
        case Kind::object:
            return std::string(type.name);
        case Kind::optional:
            return type_expression(type.element(), vocabulary) + " | null";
        case Kind::list: {
            auto element = type_expression(type.element(), vocabulary);
            return "readonly " + (element.find(' ') == std::string::npos ? element : "(" + element + ")") +
                   "[]";
        }
        case Kind::map:
            return "Record<string, " + type_expression(type.element(), vocabulary) + ">";
    }
    return "unknown";
}

bool is_identifier(std::string_view name) {
    return name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$") ==
           std::string_view::npos;
}

void write_enumeration(std::string& out, const TypeInfo& type) {
    std::string name(type.name);
    std::size_t real = type.values.size() - (type.unknown_is_real ? 0 : 1);
    out += "export const " + name + "s = [";
    for (std::size_t at = 1; at < real; ++at) {
        if (at > 1) out += ", ";
        append_json_text(out, type.values[at]);
    }
    out += "] as const;\nexport type " + name + " = (typeof " + name + "s)[number] | \"\";\n\n";
}

void write_interface(std::string& out, const TypeInfo& type) {
    std::string bases;
    std::string members;
    for (const auto& field : type.fields) {
        if (field.is_embedded) {
            bases += (bases.empty() ? " extends " : ", ") + std::string(field.type().name);
            continue;
        }
        members += "  readonly ";
        if (is_identifier(field.name)) {
            members += field.name;
        } else {
            append_json_text(members, field.name);
        }
        members += field.may_be_omitted && !field.always_written ? "?: " : ": ";
        members += type_expression(field.type(), field.vocabulary) + ";\n";
    }
    out += "export interface " + std::string(type.name) + bases + " {\n" + members + "}\n\n";
}

void collect_vocabularies(const TypeInfo& type, std::set<std::string_view>& names) {
    for (const auto& field : type.fields)
        if (!field.vocabulary.empty()) names.insert(field.vocabulary);
}

}  // namespace

std::string typescript_declarations() {
    std::string out = "// Generated from the field tables in src/sdk; do not edit.\n\n";
    std::set<std::string_view> vocabularies;
    for (TypeGetter getter : all_types())
        collect_vocabularies(getter(), vocabularies);
    for (auto name : vocabularies)
        out += "export type " + std::string(name) + " = string;\n\n";
    for (TypeGetter getter : all_types()) {
        const TypeInfo& type = getter();
        if (type.kind == Kind::enumeration) write_enumeration(out, type);
        if (type.kind == Kind::object) write_interface(out, type);
    }
    return out;
}

}  // namespace berth::sdk
