#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/uuid.h"

namespace berth::coderd {

/// What a job asks of a daemon, and what a daemon offers.
using Tags = std::map<std::string, std::string>;

/// Adds the two tags every job and daemon has. "scope" is "user" (then "owner" is that user's id, whatever
/// was given) or else "organization" with an empty owner.
Tags complete_tags(Tags tags, const Uuid& user);

/// True when the daemon may take the job: it has all of the job's tags. A job without tags of its own is left
/// to daemons without tags of their own. The same rule as provisioner_tags_match() in the database.
bool tags_match(const Tags& daemon, const Tags& job);

/// JSON objects of text, as the database and the API carry them.
std::string tags_to_json(const Tags& tags);
Result<Tags> tags_from_json(std::string_view json);

}  // namespace berth::coderd
