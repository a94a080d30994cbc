#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/asio.h"
#include "base/result.h"
#include "provisioner.pb.h"

namespace berth::coderd {

struct ParameterProblem {
    bool error = true;
    std::string summary;
    std::string detail;
    /// For programs: "required" when an answer is missing, else empty.
    std::string code;
};

/// A parameter as a form shows it with the answers given so far.
struct EvaluatedParameter {
    provisioner::RichParameter definition;
    /// Nothing when it needs an answer that is not there.
    std::optional<std::string> value;
    /// JSON object.
    std::string styling;
    std::vector<ParameterProblem> problems;
};

struct Evaluation {
    std::vector<EvaluatedParameter> parameters;
    /// The tags that a daemon must have to build with these answers, as the template's workspace tags say.
    std::map<std::string, std::string> tags;
    /// About no parameter in particular.
    std::vector<ParameterProblem> problems;
};

/// A template version's archive and its stored modules (may be empty), each as a tar.
struct TemplateFiles {
    std::string archive;
    std::string modules;
};

struct EvaluationRequest {
    std::string version_id;
    /// Who asks: what can be evaluated at once is shared out among people.
    std::string user_id;
    /// Waits for its turn, where others are refused at once when too many wait.
    bool patient = false;
    provisioner::PlanRequest question;
    /// Called when the version is not ready, on some loop; maybe after the evaluation was given up.
    std::function<asio::awaitable<Result<TemplateFiles>>()> load;
};

/// Evaluates templates with their own language, in folders that are kept ready. A server without one answers
/// from what the import found. May be called from any loop.
class ParameterEvaluator {
public:
    virtual ~ParameterEvaluator() = default;
    /// resource_exhausted when there is no room for it now. When its caller is cancelled, the evaluation
    /// ends, and then the call.
    virtual asio::awaitable<Result<Evaluation>> evaluate(EvaluationRequest request) = 0;
};

}  // namespace berth::coderd
