#pragma once

#include "coderd/builds/parameters.h"
#include "coderd/context.h"
#include "coderd/parameters/evaluator.h"

namespace berth::coderd {

/// Values that a form or a build may hold; more are refused.
constexpr std::size_t max_parameter_values = 1000;

struct ParameterQuestion {
    db::TemplateVersion version;
    Uuid owner_id;
    Uuid asker_id;
    /// Waits for its turn, where others are refused at once when too many wait.
    bool patient = false;
    ParameterValues answers;
};

/// The parameters of a version with these answers of this owner. Whoever calls has checked that the version
/// and the owner may be seen. resource_exhausted: there is no room for it now.
asio::awaitable<Result<Evaluation>> evaluate_parameters(Context& context, ParameterQuestion asked);

/// As the database describes a parameter.
db::TemplateVersionParameter parameter_row(const provisioner::RichParameter& parameter);
/// As provisioners do.
provisioner::RichParameter parameter_message(const db::TemplateVersionParameter& row);

}  // namespace berth::coderd
