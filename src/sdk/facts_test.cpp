// The tables against the committed lists of the public API: every type, field, enum value and route is
// described.
#include <fstream>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "base/text.h"
#include "sdk/endpoints.h"
#include "sdk/types.h"

namespace berth::sdk {
namespace {

/// Fields that Coder has in other releases than the one of the lists; they may be absent.
const std::set<std::string> of_other_releases{"Template.use_terraform_workspace_cache",
                                              "UpdateTemplateMeta.use_terraform_workspace_cache"};

std::vector<std::vector<std::string>> read_rows(const std::string& name) {
    std::ifstream file(std::string(SDK_TESTDATA "/") + name);
    std::vector<std::vector<std::string>> rows;
    for (std::string line; std::getline(file, line);) {
        auto& row = rows.emplace_back();
        for (auto cell : base::split(line, '\t'))
            row.emplace_back(cell);
    }
    if (!rows.empty()) rows.erase(rows.begin());
    return rows;
}

const std::map<std::string_view, const TypeInfo*>& described() {
    static const auto types = [] {
        std::map<std::string_view, const TypeInfo*> map;
        for (TypeGetter getter : all_types())
            map.emplace(getter().name, &getter());
        return map;
    }();
    return types;
}

/// Open sets of texts, which stay strings.
const std::set<std::string> vocabularies{"APIKeyScope", "RBACResource", "RBACAction", "FeatureName",
                                         "Experiment"};
/// Names for maps, lists and other types.
const std::map<std::string, std::string> aliases{
    {"AuditDiff", "map[string]AuditDiffField"},
    {"AuthorizationResponse", "map[string]bool"},
    {"Experiments", "[]string"},
    {"ProvisionerKeyTags", "map[string]string"},
    {"TemplateBuildTimeStats", "map[string]TransitionStats"},
    {"ServiceBannerConfig", "BannerConfig"},
};

/// How a Go type must be described: "string", "[]uuid", "map[]Feature", "?int64" (nullable) …
std::string expected_shape(std::string go) {
    static const std::map<std::string, std::string> plain{
        {"string", "string"},
        {"bool", "bool"},
        {"int", "int64"},
        {"int64", "int64"},
        {"int32", "int32"},
        {"uint16", "uint16"},
        {"float64", "float64"},
        {"uuid.UUID", "uuid"},
        {"uuid.NullUUID", "?uuid"},
        {"time.Time", "time"},
        {"NullTime", "?time"},
        {"time.Duration", "duration"},
        {"json.RawMessage", "json"},
        {"any", "json"},
        {"interface{}", "json"},
        {"[]byte", "bytes"},
        {"netip.Addr", "string"},
        {"regexp.Regexp", "string"},
        {"serpent.Bool", "bool"},
        {"serpent.Int64", "int64"},
        {"serpent.String", "string"},
        {"serpent.Duration", "duration"},
        {"serpent.URL", "string"},
        {"serpent.HostPort", "string"},
        {"serpent.Regexp", "string"},
        {"serpent.YAMLConfigPath", "string"},
        {"serpent.StringArray", "[]string"},
        {"serpent.OptionSet", "[]ServerOption"},
    };
    if (auto found = plain.find(go); found != plain.end()) return found->second;
    if (auto found = aliases.find(go); found != aliases.end()) return expected_shape(found->second);
    if (vocabularies.contains(go)) return "string";
    if (go.starts_with("serpent.Struct[")) return expected_shape(go.substr(15, go.size() - 16));
    if (go.starts_with("*")) return "?" + expected_shape(go.substr(1));
    if (go.starts_with("[]")) return "[]" + expected_shape(go.substr(2));
    if (go.starts_with("map[")) return "map[]" + expected_shape(go.substr(go.find(']') + 1));
    return go;
}

std::string shape(const TypeInfo& type) {
    switch (type.kind) {
        case Kind::optional:
            return "?" + shape(type.element());
        case Kind::list:
            return "[]" + shape(type.element());
        case Kind::map:
            return "map[]" + shape(type.element());
        default:
            return std::string(type.name);
    }
}

const Field* find(const TypeInfo& type, const std::string& name) {
    for (const auto& field : type.fields)
        if (!field.is_embedded && field.name == name) return &field;
    return nullptr;
}

/// Rows about things that are not on the wire, or not a struct's fields.
bool is_outside(const std::vector<std::string>& row) {
    const std::string& type = row[0];
    const std::string& name = row[1];
    // Fields without a JSON name, which only the Go client itself uses, begin with a capital.
    bool go_only = type == "TemplateFilter" && name != "q";
    return name == "-" || name == "<custom-codec>" || name == "<named>" || name == "<alias>" ||
           type == "NullTime" || type == "APIAllowListTarget" || go_only;
}

/// Structures in Go, which omitempty never leaves out, although they are texts or lists in JSON.
bool is_never_empty(std::string_view go_type) {
    return go_type == "serpent.URL" || go_type == "serpent.HostPort" ||
           go_type.starts_with("serpent.Struct[");
}

TEST(Facts, EveryTypeAndFieldIsDescribed) {
    auto rows = read_rows("rest_types.tsv");
    ASSERT_GT(rows.size(), 1700U);
    for (const auto& row : rows) {
        std::string type_name = row[0].substr(0, row[0].find('['));
        if (aliases.contains(type_name) || vocabularies.contains(type_name) || type_name == "NullTime")
            continue;
        auto found = described().find(type_name);
        ASSERT_NE(found, described().end()) << type_name << " is not described";
        if (is_outside(row)) continue;
        const TypeInfo& type = *found->second;
        ASSERT_EQ(type.kind, Kind::object) << type_name;
        if (row[1] == "<embedded>") {
            bool embeds = std::any_of(type.fields.begin(), type.fields.end(), [&](const Field& field) {
                return field.is_embedded && field.type().name == row[2];
            });
            EXPECT_TRUE(embeds) << type_name << " must embed " << row[2];
            continue;
        }
        const Field* field = find(type, row[1]);
        ASSERT_NE(field, nullptr) << type_name << "." << row[1];
        bool generic = row[2] == "[]R";
        EXPECT_EQ(shape(field->type()), generic ? "[]Region" : expected_shape(row[2]))
            << type_name << "." << row[1];
        EXPECT_EQ(field->may_be_omitted, row[3] == "1" && !is_never_empty(row[2]))
            << type_name << "." << row[1];
        bool null_struct = row[2] == "NullTime" || row[2] == "uuid.NullUUID";
        EXPECT_EQ(field->always_written, null_struct && row[3] == "1") << type_name << "." << row[1];
    }
}

TEST(Facts, NoFieldIsInvented) {
    std::map<std::string, std::set<std::string>> known;
    for (const auto& row : read_rows("rest_types.tsv"))
        known[row[0].substr(0, row[0].find('['))].insert(row[1]);
    for (const auto& [name, type] : described()) {
        auto found = known.find(std::string(name));
        if (found == known.end()) continue;
        for (const auto& field : type->fields) {
            auto path = std::string(name) + "." + std::string(field.name);
            if (!field.is_embedded && !field.only_read && !of_other_releases.contains(path)) {
                EXPECT_TRUE(found->second.contains(std::string(field.name))) << path;
            }
        }
    }
}

TEST(Facts, EveryEnumHasItsValues) {
    std::map<std::string, std::set<std::string>> expected;
    for (const auto& row : read_rows("rest_enums.tsv"))
        expected[row[0]].insert(row[1] == "\"\"" ? "" : row[1]);
    for (auto& [name, values] : expected) {
        if (vocabularies.contains(name)) continue;
        auto found = described().find(name);
        ASSERT_NE(found, described().end()) << name;
        const TypeInfo& type = *found->second;
        ASSERT_EQ(type.kind, Kind::enumeration) << name;
        EXPECT_EQ(type.values.front(), "") << name;
        EXPECT_EQ(type.values.back(), "unknown") << name;
        EXPECT_EQ(type.unknown_is_real, values.contains("unknown")) << name;
        std::set<std::string> described_values(type.values.begin(), type.values.end());
        values.insert({"", "unknown"});
        EXPECT_EQ(described_values, values) << name;
        EXPECT_EQ(type.values.size(), described_values.size()) << name << " lists a value twice";
    }
}

TEST(Facts, EveryRouteIsInTheTable) {
    std::set<std::tuple<std::string, std::string, std::string>> table;
    for (const auto& endpoint : endpoints())
        table.emplace(endpoint.name, to_string(endpoint.method), endpoint.path);
    std::set<std::tuple<std::string, std::string, std::string>> expected;
    for (const auto& row : read_rows("rest_endpoints.tsv"))
        expected.emplace(row[0], row[1], row[2]);
    EXPECT_EQ(table, expected);
}

TEST(Types, NamesAndFieldsAreUnique) {
    EXPECT_EQ(described().size(), all_types().size());
    for (const auto& [name, type] : described()) {
        std::set<std::string_view> names;
        for (const auto& field : type->fields) {
            if (!field.is_embedded) {
                EXPECT_TRUE(names.insert(field.name).second) << name << "." << field.name;
            }
        }
    }
}

}  // namespace
}  // namespace berth::sdk
