#include "sdk/openapi.h"

#include <map>
#include <vector>

#include "sdk/json_writer.h"
#include "sdk/types.h"

namespace berth::sdk {
namespace {

/// A JSON object written member by member.
class ObjectWriter {
public:
    explicit ObjectWriter(std::string& out) : out_(out) { out_ += '{'; }
    ~ObjectWriter() { out_ += '}'; }
    ObjectWriter(const ObjectWriter&) = delete;
    ObjectWriter& operator=(const ObjectWriter&) = delete;

    std::string& key(std::string_view name) {
        if (!first_) out_ += ',';
        first_ = false;
        append_json_text(out_, name);
        out_ += ':';
        return out_;
    }
    void text(std::string_view name, std::string_view value) { append_json_text(key(name), value); }
    void raw(std::string_view name, std::string_view json) { key(name) += json; }

private:
    std::string& out_;
    bool first_ = true;
};

void write_schema(std::string& out, const TypeInfo& type);

void write_reference(ObjectWriter& schema, const TypeInfo& type) {
    schema.text("$ref", "#/components/schemas/" + std::string(type.name));
}

bool is_referenced(const TypeInfo& type) {
    return type.kind == Kind::object || type.kind == Kind::enumeration;
}

void write_schema(std::string& out, const TypeInfo& type) {
    if (type.kind == Kind::optional && !is_referenced(type.element())) {
        std::string content = openapi_schema(type.element());
        content.pop_back();
        out += content + (content.size() > 1 ? "," : "") + "\"nullable\":true}";
        return;
    }
    ObjectWriter schema(out);
    auto plain = [&](std::string_view name, std::string_view format) {
        schema.text("type", name);
        if (!format.empty()) schema.text("format", format);
    };
    switch (type.kind) {
        case Kind::boolean:
            return plain("boolean", {});
        case Kind::integer:
            return type.name == "uint16" ? plain("integer", {}) : plain("integer", type.name);
        case Kind::number:
            return plain("number", "double");
        case Kind::text:
        case Kind::converted:
            return plain("string", {});
        case Kind::uuid:
            return plain("string", "uuid");
        case Kind::time:
            return plain("string", "date-time");
        case Kind::duration:
            return plain("integer", "int64");
        case Kind::bytes:
            return plain("string", "byte");
        case Kind::raw:
            return;
        case Kind::enumeration:
        case Kind::object:
            return write_reference(schema, type);
        case Kind::optional:
            // Beside a bare reference, OpenAPI 3.0 would ignore "nullable".
            schema.raw("allOf", "[" + openapi_schema(type.element()) + "]");
            return schema.raw("nullable", "true");
        case Kind::list:
            schema.text("type", "array");
            return write_schema(schema.key("items"), type.element());
        case Kind::map:
            schema.text("type", "object");
            return write_schema(schema.key("additionalProperties"), type.element());
    }
}

void write_properties(ObjectWriter& properties, const TypeInfo& type) {
    for (const auto& field : type.fields) {
        if (field.is_embedded) {
            write_properties(properties, field.type());
        } else {
            write_schema(properties.key(field.name), field.type());
        }
    }
}

void collect_required(const TypeInfo& type, std::string& names) {
    for (const auto& field : type.fields) {
        if (field.is_embedded) collect_required(field.type(), names);
        if (!field.is_required) continue;
        if (!names.empty()) names += ',';
        append_json_text(names, field.name);
    }
}

void write_definition(std::string& out, const TypeInfo& type) {
    ObjectWriter schema(out);
    if (type.kind == Kind::enumeration) {
        schema.text("type", "string");
        std::string names;
        std::size_t real = type.values.size() - (type.unknown_is_real ? 0 : 1);
        for (std::size_t at = 1; at < real; ++at) {
            if (at > 1) names += ',';
            append_json_text(names, type.values[at]);
        }
        schema.raw("enum", "[" + names + "]");
        return;
    }
    if (type.kind == Kind::converted) return schema.text("type", "string");
    schema.text("type", "object");
    std::string required;
    collect_required(type, required);
    if (!required.empty()) schema.raw("required", "[" + required + "]");
    ObjectWriter properties(schema.key("properties"));
    write_properties(properties, type);
}

void write_content(ObjectWriter& body, const TypeInfo& type, bool list) {
    std::string schema = openapi_schema(type);
    if (list) schema = "{\"type\":\"array\",\"items\":" + schema + "}";
    body.raw("content", "{\"application/json\":{\"schema\":" + schema + "}}");
}

void write_parameters(ObjectWriter& operation, std::string_view path, std::span<const QueryParameter> query) {
    std::string parameters;
    for (auto open = path.find('{'); open != std::string_view::npos; open = path.find('{', open + 1)) {
        auto name = path.substr(open + 1, path.find('}', open) - open - 1);
        if (name.ends_with("...")) name.remove_suffix(3);
        if (!parameters.empty()) parameters += ',';
        ObjectWriter parameter(parameters);
        parameter.text("name", name);
        parameter.text("in", "path");
        parameter.raw("required", "true");
        parameter.raw("schema", "{\"type\":\"string\"}");
    }
    for (const auto& row : query) {
        if (!parameters.empty()) parameters += ',';
        ObjectWriter parameter(parameters);
        parameter.text("name", row.name);
        parameter.text("in", "query");
        parameter.text("description", row.description);
        parameter.raw("schema", "{\"type\":\"" + row.type + "\"}");
    }
    if (!parameters.empty()) operation.raw("parameters", "[" + parameters + "]");
}

void write_operation(std::string& out, const Operation& row) {
    ObjectWriter operation(out);
    operation.text("summary", row.summary);
    if (!row.tag.empty()) {
        std::string tag;
        append_json_text(tag, row.tag);
        operation.raw("tags", "[" + tag + "]");
    }
    if (row.authenticated) operation.raw("security", "[{\"sessionToken\":[]}]");
    write_parameters(operation, row.path, row.query);
    if (row.request != nullptr) {
        ObjectWriter body(operation.key("requestBody"));
        body.raw("required", "true");
        write_content(body, *row.request, false);
    }
    ObjectWriter responses(operation.key("responses"));
    {
        ObjectWriter success(responses.key(std::to_string(row.success)));
        success.text("description", "Success");
        if (row.response != nullptr) write_content(success, *row.response, row.response_is_list);
    }
    ObjectWriter failure(responses.key("default"));
    failure.text("description", "Error");
    failure.raw("content", R"({"application/json":{"schema":{"$ref":"#/components/schemas/Response"}}})");
}

std::string lower_method(http::Method method) {
    std::string name(to_string(method));
    for (char& c : name)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return name;
}

/// OpenAPI knows no "rest of the path": {rest...} becomes {rest}.
std::string documented_path(std::string_view path) {
    std::string text(path);
    if (auto dots = text.find("...}"); dots != std::string::npos) text.erase(dots, 3);
    return text;
}

}  // namespace

std::string openapi_schema(const TypeInfo& type) {
    std::string out;
    write_schema(out, type);
    return out;
}

std::string openapi_schemas() {
    std::string out;
    {
        ObjectWriter schemas(out);
        for (TypeGetter getter : all_types()) {
            const TypeInfo& type = getter();
            write_definition(schemas.key(type.name), type);
        }
    }
    return out;
}

std::string openapi_document(std::string_view title, std::string_view version,
                             std::span<const Operation> operations) {
    std::map<std::string, std::vector<const Operation*>> paths;
    for (const auto& operation : operations)
        paths[documented_path(operation.path)].push_back(&operation);
    std::string out;
    {
        ObjectWriter document(out);
        document.text("openapi", "3.0.3");
        {
            ObjectWriter info(document.key("info"));
            info.text("title", title);
            info.text("version", version);
        }
        {
            ObjectWriter list(document.key("paths"));
            for (const auto& [path, rows] : paths) {
                ObjectWriter item(list.key(path));
                for (const Operation* row : rows)
                    write_operation(item.key(lower_method(row->method)), *row);
            }
        }
        ObjectWriter components(document.key("components"));
        components.raw("schemas", openapi_schemas());
        components.raw("securitySchemes",
                       R"({"sessionToken":{"type":"apiKey","in":"header","name":"Coder-Session-Token"}})");
    }
    return out;
}

}  // namespace berth::sdk
