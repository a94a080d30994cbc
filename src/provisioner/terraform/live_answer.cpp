#include "provisioner/terraform/live_answer.h"

#include <algorithm>
#include <set>

#include "provisioner/terraform/parameters.h"

namespace berth::terraform {
namespace {

namespace pb = ::provisioner;

/// Takes the answer to `name` out of the request; nullopt when there is none.
std::optional<std::string> take_answer(pb::PlanRequest& question, const std::string& name) {
    auto& values = *question.mutable_rich_parameter_values();
    for (int i = 0; i < values.size(); ++i) {
        if (values[i].name() != name) continue;
        std::string value = values[i].value();
        values.DeleteSubrange(i, 1);
        return value;
    }
    return std::nullopt;
}

void add_tags_of(const Instance& instance, LiveAnswer& answer) {
    const auto* tags = instance.values.if_contains("tags");
    if (tags == nullptr || !tags->is_object()) return;
    for (const auto& [key, value] : tags->get_object())
        if (value.is_string()) answer.tags[std::string(key)] = std::string(value.get_string());
}

LiveParameter live_parameter(const Instance& instance, const std::set<std::string>& given,
                             const Refusals& refusals) {
    LiveParameter parameter;
    parameter.definition = make_parameter(instance);
    parameter.styling = std::string(instance.text("styling"));
    const auto& name = parameter.definition.name();
    if (!parameter.definition.required() || given.contains(name))
        parameter.value = std::string(instance.text("value"));
    if (auto refused = refusals.find(name); refused != refusals.end()) {
        parameter.value = refused->second.value;
        parameter.problems = refused->second.problems;
    }
    return parameter;
}

}  // namespace

void drop_unasked(pb::PlanRequest& question, const std::vector<QuestionBlock>& questions) {
    std::set<std::string> asked;
    for (const auto& block : questions) {
        if (block.type != "coder_parameter") continue;
        if (block.name.empty()) return;
        asked.insert(block.name);
    }
    auto& values = *question.mutable_rich_parameter_values();
    auto unasked = std::remove_if(values.begin(), values.end(),
                                  [&asked](const auto& value) { return !asked.contains(value.name()); });
    values.erase(unasked, values.end());
}

bool take_refused(const std::vector<Diagnostic>& errors, const std::vector<QuestionBlock>& questions,
                  pb::PlanRequest& question, Refusals& refusals) {
    bool taken = false;
    for (const auto& error : errors) {
        auto address = without_keys(error.address);
        auto block = std::find_if(questions.begin(), questions.end(), [&](const QuestionBlock& known) {
            return !known.name.empty() && known.address == address;
        });
        if (block == questions.end()) return false;
        auto value = take_answer(question, block->name);
        if (value) {
            refusals[block->name].value = std::move(*value);
            taken = true;
        }
        // Several errors may be about one answer.
        if (!refusals.contains(block->name)) return false;
        refusals[block->name].problems.push_back(error);
    }
    return taken;
}

LiveAnswer answer_of(const Model& model, const pb::PlanRequest& question, const Refusals& refusals) {
    std::set<std::string> given;
    for (const auto& value : question.rich_parameter_values())
        given.insert(value.name());
    LiveAnswer answer;
    for (const auto& instance : model.instances) {
        if (!instance.data) continue;
        if (instance.type == "coder_workspace_tags") add_tags_of(instance, answer);
        if (instance.type == "coder_parameter")
            answer.parameters.push_back(live_parameter(instance, given, refusals));
    }
    std::sort(answer.parameters.begin(), answer.parameters.end(), [](const auto& a, const auto& b) {
        return std::pair(a.definition.order(), std::string_view(a.definition.name())) <
               std::pair(b.definition.order(), std::string_view(b.definition.name()));
    });
    return answer;
}

}  // namespace berth::terraform
