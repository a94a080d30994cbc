#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "db/store.h"

namespace berth::coderd {

using ParameterValues = std::map<std::string, std::string>;

/// Decides the value of every parameter of a version for a start: what the request gives, else the preset,
/// else the workspace's last value (not for ephemeral ones), else the default. Checks type, options, range,
/// monotonic order and immutability; all that is wrong is named at once, one FieldError per parameter.
/// Regular expressions are left to the provider's own engine, which checks them during the plan.
///
/// `last` holds the values of the previous build; `first_build` lets immutable parameters be chosen.
Result<ParameterValues> resolve_parameters(const std::vector<db::TemplateVersionParameter>& definitions,
                                           const ParameterValues& given, const ParameterValues& preset,
                                           const ParameterValues& last, bool first_build);

/// "" when `value` fits the definition, else what is wrong with it. `before` is the previous value, if any.
std::string parameter_complaint(const db::TemplateVersionParameter& definition, const std::string& value,
                                const std::string* before);

}  // namespace berth::coderd
