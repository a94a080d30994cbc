#pragma once

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

/// Evaluates templates with their own language, in folders that are kept ready. A server without one answers
/// from what the import found. May be called from any loop.
class ParameterEvaluator {
public:
    virtual ~ParameterEvaluator() = default;
    /// Makes the template version of this id ready, from its archive and its stored modules (may be empty).
    virtual asio::awaitable<Result<void>> prepare(std::string version_id, std::string archive,
                                                  std::string modules) = 0;
    /// not_found when the version is not ready (any more).
    virtual asio::awaitable<Result<Evaluation>> evaluate(std::string version_id,
                                                         provisioner::PlanRequest question) = 0;
};

}  // namespace berth::coderd
