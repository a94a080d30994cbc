#include "coderd/jobs/tags.h"

#include <algorithm>

#include <boost/json.hpp>

namespace berth::coderd {
namespace {

const Tags& untagged() {
    static const Tags tags{{"scope", "organization"}, {"owner", ""}};
    return tags;
}

}  // namespace

Tags complete_tags(Tags tags, const Uuid& user) {
    if (tags["scope"] == "user") {
        tags["owner"] = user.to_string();
    } else {
        tags["scope"] = "organization";
        tags["owner"] = "";
    }
    return tags;
}

bool tags_match(const Tags& daemon, const Tags& job) {
    if (job == untagged()) return daemon == job;
    return std::all_of(job.begin(), job.end(), [&](const auto& tag) {
        auto offered = daemon.find(tag.first);
        return offered != daemon.end() && offered->second == tag.second;
    });
}

std::string tags_to_json(const Tags& tags) {
    boost::json::object object;
    for (const auto& [key, value] : tags)
        object[key] = value;
    return boost::json::serialize(object);
}

Result<Tags> tags_from_json(std::string_view json) {
    boost::system::error_code error;
    auto value = boost::json::parse(json, error);
    if (error || !value.is_object()) return invalid_argument("tags are a JSON object of texts");
    Tags tags;
    for (const auto& [key, text] : value.get_object()) {
        if (!text.is_string()) return invalid_argument("tags are a JSON object of texts", std::string(key));
        tags.emplace(key, text.get_string());
    }
    return tags;
}

}  // namespace berth::coderd
