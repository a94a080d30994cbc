#include "base/env_merge.h"

namespace berth::base {

Result<void> merge_env(std::map<std::string, std::string>& environment, const std::string& name,
                       const std::string& value, std::string_view strategy) {
    auto old = environment.find(name);
    bool has_text = old != environment.end() && !old->second.empty();
    if (strategy.empty() || strategy == "replace") {
        environment[name] = value;
    } else if (strategy == "append") {
        environment[name] = has_text ? old->second + ":" + value : value;
    } else if (strategy == "prepend") {
        environment[name] = has_text ? value + ":" + old->second : value;
    } else if (strategy == "error") {
        if (old != environment.end()) return invalid_argument("duplicate env var \"" + name + "\"");
        environment[name] = value;
    } else {
        return invalid_argument("env var \"" + name + "\" has the unknown merge_strategy \"" +
                                std::string(strategy) + "\" (replace, append, prepend and error are known)");
    }
    return {};
}

}  // namespace berth::base
