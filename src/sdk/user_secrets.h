#pragma once

#include <optional>
#include <string>

#include "sdk/codec.h"

namespace berth::sdk {

// Secrets that a person keeps for their workspaces. A value goes in and never comes out.

struct UserSecret {
    Uuid id;
    std::string name;
    std::string description;
    /// The variable and the file by which workspaces get the value; empty for not at all.
    std::string env_name;
    std::string file_path;
    base::Time created_at = zero_time;
    base::Time updated_at = zero_time;
};
const TypeInfo& describe(const UserSecret*);

struct CreateUserSecretRequest {
    std::string name;
    std::string description;
    std::string value;
    std::string env_name;
    std::string file_path;
};
const TypeInfo& describe(const CreateUserSecretRequest*);

/// What is not set stays as it is.
struct UpdateUserSecretRequest {
    std::optional<std::string> value;
    std::optional<std::string> description;
    std::optional<std::string> env_name;
    std::optional<std::string> file_path;
};
const TypeInfo& describe(const UpdateUserSecretRequest*);

}  // namespace berth::sdk
