#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "db/store.h"
#include "sdk/templates.h"

namespace berth::coderd {

/// Days as bits from Monday (1) to Sunday (64). invalid_argument names the unknown day.
Result<std::int16_t> days_to_bits(const std::vector<std::string>& days, std::string_view field);
std::vector<std::string> bits_to_days(std::int16_t bits);

/// The group list of a template that everybody of the organization may use; empty when not.
std::string everyone_acl(const Uuid& organization, bool allowed);

/// A new template's row; what the request leaves open gets its default.
Result<db::InsertTemplateParams> template_row(const sdk::CreateTemplateRequest& request, const Uuid& organization);
/// The row's settings after a change; what the request leaves open stays.
Result<db::UpdateTemplateMetaParams> changed_row(const db::Template& row, const sdk::UpdateTemplateMeta& request);
/// True when the change would leave everything as it is.
bool is_same(const db::Template& row, const db::UpdateTemplateMetaParams& change);

/// Without build times and user counts, which need queries of their own.
sdk::Template template_to_sdk(const db::Template& row);

}  // namespace berth::coderd
