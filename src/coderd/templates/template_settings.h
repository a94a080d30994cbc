#pragma once

#include "coderd/context.h"
#include "sdk/templates.h"

namespace berth::coderd {

/// The row of a new template: what was asked for over the defaults. invalid_argument names each bad field.
Result<db::InsertTemplateParams> new_template_row(const sdk::CreateTemplateRequest& body,
                                                  const Uuid& organization_id, const Uuid& user_id);

/// The row after a change; equal() tells whether it changes anything.
Result<db::UpdateTemplateMetaParams> changed_template_row(const db::Template& row,
                                                          const sdk::UpdateTemplateMeta& body);
bool changes_anything(const db::Template& row, const db::UpdateTemplateMetaParams& change);

/// JSON of an access list with one entry.
std::string use_acl(const Uuid& subject);
/// "admin", "use" or unset, of a list of actions.
sdk::TemplateRole role_of_actions(const std::vector<std::string>& actions);
std::vector<std::string> actions_of_role(sdk::TemplateRole role);

}  // namespace berth::coderd
