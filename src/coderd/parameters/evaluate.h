#pragma once

#include "coderd/builds/parameters.h"
#include "coderd/context.h"
#include "coderd/parameters/evaluator.h"

namespace berth::coderd {

/// The parameters of a version with these answers of this owner. Whoever calls has checked that the version
/// and the owner may be seen.
asio::awaitable<Result<Evaluation>> evaluate_parameters(Context& context, db::TemplateVersion version,
                                                        Uuid owner_id, ParameterValues answers);

/// As the database describes a parameter.
db::TemplateVersionParameter parameter_row(const provisioner::RichParameter& parameter);
/// As provisioners do.
provisioner::RichParameter parameter_message(const db::TemplateVersionParameter& row);

}  // namespace berth::coderd
