#include "coderd/provisionerdserver/environment.h"

#include "provisioner.pb.h"

namespace berth::coderd {
namespace {

Result<void> merge_one(Environment& into, const provisioner::Env& env) {
    const auto& strategy = env.merge_strategy();
    auto existing = into.find(env.name());
    if (strategy.empty() || strategy == "replace") {
        into[env.name()] = env.value();
        return {};
    }
    if (strategy == "error") {
        if (existing != into.end())
            return invalid_argument("duplicate env var \"" + env.name() +
                                    "\": its merge strategy forbids a second value");
        into[env.name()] = env.value();
        return {};
    }
    if (strategy != "append" && strategy != "prepend")
        return invalid_argument("env var \"" + env.name() + "\" has an unknown merge strategy \"" + strategy +
                                "\"");
    // An empty value counts as none: no separator is put next to it.
    if (existing == into.end() || existing->second.empty()) {
        into[env.name()] = env.value();
    } else if (strategy == "append") {
        existing->second += ":" + env.value();
    } else {
        existing->second = env.value() + ":" + existing->second;
    }
    return {};
}

}  // namespace

Result<Environment> merge_environment(Environment own,
                                      const google::protobuf::RepeatedPtrField<provisioner::Env>& extra) {
    for (const auto& env : extra) {
        if (env.name().empty()) return invalid_argument("an env var has no name");
        auto merged = merge_one(own, env);
        if (!merged) return merged.error();
    }
    return own;
}

}  // namespace berth::coderd
