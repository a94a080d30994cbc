#pragma once

#include "coderd/parameters/evaluator.h"
#include "sdk/parameters.h"

namespace berth::coderd {

/// An evaluation in the shape of the REST API.
void fill_preview(const Evaluation& evaluation, sdk::DynamicParametersResponse& response);
sdk::FriendlyDiagnostic preview_diagnostic(const ParameterProblem& problem);

}  // namespace berth::coderd
