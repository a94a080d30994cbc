#pragma once

#include "coderd/api/request.h"
#include "coderd/context.h"
#include "sdk/template_versions.h"

namespace berth::coderd {

/// The version and its import job, in one transaction. Answers the version's id.
asio::awaitable<Result<Uuid>> create_template_version(Context& context, const Request& request,
                                                      Uuid organization_id,
                                                      sdk::CreateTemplateVersionRequest body);

/// A name nobody has to think of: an adjective, a noun and a number ("quiet-harbor-4821").
std::string generate_version_name();

}  // namespace berth::coderd
