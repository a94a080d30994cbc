#pragma once

#include <string>
#include <string_view>

#include "sdk/codec.h"

namespace berth::sdk {

// The rules for names. Each says what is wrong, "" when nothing is.

/// Users, templates, workspaces, organizations: 1 to 32 letters, digits and single inner hyphens; not "new"
/// or "create".
std::string name_problem(std::string_view name);
/// As name_problem(), up to 255.
std::string group_name_problem(std::string_view name);
/// 1 to 64 letters, digits and single inner "-", "_", ".".
std::string version_name_problem(std::string_view name);
/// At most 64 characters without white space at the edges; may be empty.
std::string display_name_problem(std::string_view name);
/// At most 128 characters without white space at the edges; may be empty.
std::string real_name_problem(std::string_view name);
std::string email_problem(std::string_view email);
/// http:// or https:// and a host.
std::string http_url_problem(std::string_view url);

inline bool valid_name(std::string_view name) { return name_problem(name).empty(); }
inline bool valid_version_name(std::string_view name) { return version_name_problem(name).empty(); }
inline bool valid_email(std::string_view email) { return email_problem(email).empty(); }

/// A valid user name close to `text` ("jane.doe@example.com" gives "jane-doe"); random when nothing is left
/// of it.
std::string username_from(std::string_view text);

/// The rules in the field tables, for a whole value; all bad fields are in the error.
Result<void> validate(const TypeInfo& type, const void* value);

}  // namespace berth::sdk
