#pragma once

#include <vector>

#include "coderd/context.h"
#include "rbac/actor.h"
#include "sdk/template_versions.h"
#include "sdk/templates.h"

namespace berth::coderd {

/// With the number of people who use each, and how long its builds take.
asio::awaitable<Result<std::vector<sdk::Template>>> templates_to_sdk(Context& context,
                                                                     const rbac::Actor& actor,
                                                                     std::vector<db::Template> rows);
asio::awaitable<Result<sdk::Template>> template_to_sdk(Context& context, const rbac::Actor& actor,
                                                       db::Template row);

/// With their import jobs.
asio::awaitable<Result<std::vector<sdk::TemplateVersion>>> versions_to_sdk(
    Context& context, const rbac::Actor& actor, std::vector<db::TemplateVersion> rows);
/// Of one that still waits, also how many daemons could import it.
asio::awaitable<Result<sdk::TemplateVersion>> version_to_sdk(Context& context, const rbac::Actor& actor,
                                                             db::TemplateVersion row);

sdk::TemplateVersionParameter parameter_to_sdk(const db::TemplateVersionParameter& row);
/// Without the values of sensitive ones.
sdk::TemplateVersionVariable variable_to_sdk(const db::TemplateVersionVariable& row);

/// Days between bits (Monday is 1) and names, as templates keep and show them.
inline constexpr std::int16_t all_days = 0x7f;
std::vector<std::string> days_from_bits(std::int16_t bits);
/// invalid_argument naming `field` for a day that is none.
Result<std::int16_t> days_to_bits(const std::vector<std::string>& days, std::string_view field);

/// Descriptions are Markdown; this is what a line of text shows of it.
std::string plain_text(std::string_view markdown);

}  // namespace berth::coderd
