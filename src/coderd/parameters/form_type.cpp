#include "coderd/parameters/form_type.h"

#include <array>

namespace berth::coderd {
namespace {

struct FormTypeRow {
    provisioner::ParameterFormType type;
    std::string_view name;
};

constexpr std::array<FormTypeRow, 10> form_types{{{provisioner::FORM_ERROR, "error"},
                                                  {provisioner::RADIO, "radio"},
                                                  {provisioner::DROPDOWN, "dropdown"},
                                                  {provisioner::INPUT, "input"},
                                                  {provisioner::TEXTAREA, "textarea"},
                                                  {provisioner::SLIDER, "slider"},
                                                  {provisioner::CHECKBOX, "checkbox"},
                                                  {provisioner::SWITCH, "switch"},
                                                  {provisioner::TAGSELECT, "tag-select"},
                                                  {provisioner::MULTISELECT, "multi-select"}}};

}  // namespace

std::string_view form_type_name(provisioner::ParameterFormType type) {
    for (const auto& row : form_types)
        if (row.type == type) return row.name;
    return "";
}

provisioner::ParameterFormType form_type_of(std::string_view name) {
    for (const auto& row : form_types)
        if (row.name == name) return row.type;
    return provisioner::DEFAULT;
}

}  // namespace berth::coderd
