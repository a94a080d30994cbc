#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sdk/codec.h"
#include "sdk/users.h"

namespace berth::sdk {

/// One thing an API key may touch. Travels as "<type>:<id>", both of which may be "*".
struct APIAllowListTarget {
    std::string type;
    std::string id;
};
const TypeInfo& describe(const APIAllowListTarget*);

struct APIKey {
    std::string id;
    Uuid user_id;
    base::Time last_used = zero_time;
    base::Time expires_at = zero_time;
    base::Time created_at = zero_time;
    base::Time updated_at = zero_time;
    LoginType login_type{};
    std::string scope;
    std::vector<std::string> scopes;
    std::string token_name;
    std::int64_t lifetime_seconds = 0;
    std::vector<APIAllowListTarget> allow_list;
};
const TypeInfo& describe(const APIKey*);

struct APIKeyWithOwner : APIKey {
    std::string username;
};
const TypeInfo& describe(const APIKeyWithOwner*);

struct CreateTokenRequest {
    base::Duration lifetime{};
    std::string scope;
    std::vector<std::string> scopes;
    std::string token_name;
    std::vector<APIAllowListTarget> allow_list;
};
const TypeInfo& describe(const CreateTokenRequest*);

struct GenerateAPIKeyResponse {
    std::string key;
};
const TypeInfo& describe(const GenerateAPIKeyResponse*);

struct TokensFilter {
    bool include_all = false;
};
const TypeInfo& describe(const TokensFilter*);

struct TokenConfig {
    base::Duration max_token_lifetime{};
};
const TypeInfo& describe(const TokenConfig*);

struct ExternalAPIKeyScopes {
    std::vector<std::string> external;
};
const TypeInfo& describe(const ExternalAPIKeyScopes*);

}  // namespace berth::sdk
