#include "provisioner/terraform/secret_values.h"

#include <algorithm>

#include "base/text.h"

namespace berth::terraform {

std::vector<std::string> secret_values(const provisioner::PlanRequest& inputs) {
    const auto& metadata = inputs.metadata();
    std::vector<std::string> values{metadata.workspace_owner_session_token(),
                                    metadata.workspace_owner_oidc_access_token(),
                                    metadata.workspace_owner_ssh_private_key()};
    for (const auto& agent : metadata.running_agent_auth_tokens())
        values.push_back(agent.token());
    for (const auto& secret : inputs.user_secrets())
        values.push_back(secret.value());
    for (const auto& account : inputs.external_auth_providers())
        values.push_back(account.access_token());
    for (const auto& variable : inputs.variable_values())
        if (variable.sensitive()) values.push_back(variable.value());
    constexpr std::size_t shortest = 6;
    std::erase_if(values, [](const std::string& value) { return value.size() < shortest; });
    // One may be a part of another.
    std::sort(values.begin(), values.end(),
              [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
    return values;
}

std::string without_secrets(std::string text, const std::vector<std::string>& secrets) {
    for (const auto& secret : secrets)
        text = base::replace_all(std::move(text), secret, "***");
    return text;
}

}  // namespace berth::terraform
