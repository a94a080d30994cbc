#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "provisioner.pb.h"
#include "provisioner/terraform/log_line.h"
#include "provisioner/terraform/model.h"
#include "provisioner/terraform/questions.h"

namespace berth::terraform {

/// A parameter as it looks with the answers given so far.
struct LiveParameter {
    provisioner::RichParameter definition;
    /// The answer, or what the template takes without one; nothing when it needs an answer that is not there.
    std::optional<std::string> value;
    /// JSON text.
    std::string styling;
    std::vector<Diagnostic> problems;
};

struct LiveAnswer {
    /// In the order a form shows them.
    std::vector<LiveParameter> parameters;
    /// Of data.coder_workspace_tags.
    std::map<std::string, std::string> tags;
    /// What is wrong with no parameter in particular; then there may be no parameters.
    std::vector<Diagnostic> problems;
};

/// An answer that the template does not take, by the parameter's name.
struct Refusal {
    std::string value;
    std::vector<Diagnostic> problems;
};
using Refusals = std::map<std::string, Refusal>;

/// Takes out answers that no parameter asks for, where the template says in plain text what all are called:
/// they would only fill the environment.
void drop_unasked(provisioner::PlanRequest& question, const std::vector<QuestionBlock>& questions);

/// Moves refused answers from the question to `refusals`; false when an error is about something else, or
/// about a parameter that has no answer.
bool take_refused(const std::vector<Diagnostic>& errors, const std::vector<QuestionBlock>& questions,
                  provisioner::PlanRequest& question, Refusals& refusals);

/// What a plan of the question's answers has found.
LiveAnswer answer_of(const Model& model, const provisioner::PlanRequest& question, const Refusals& refusals);

}  // namespace berth::terraform
