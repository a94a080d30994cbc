#include "sdk/api_keys.h"

namespace berth::sdk {

const TypeInfo& describe(const APIAllowListTarget*) {
    static const TypeInfo info{
        .kind = Kind::converted,
        .name = "APIAllowListTarget",
        .to_text =
            [](const void* value) {
                const auto& target = *static_cast<const APIAllowListTarget*>(value);
                return target.type + ":" + target.id;
            },
        .from_text =
            [](void* value, std::string_view text) {
                auto colon = text.find(':');
                if (colon == 0 || colon == std::string_view::npos || colon + 1 == text.size()) return false;
                auto& target = *static_cast<APIAllowListTarget*>(value);
                target.type = text.substr(0, colon);
                target.id = text.substr(colon + 1);
                return target.id == "*" || Uuid::parse(target.id).has_value();
            },
    };
    return info;
}

const TypeInfo& describe(const APIKey*) {
    using T = APIKey;
    static const Field fields[] = {
        field("id", &T::id),
        field("user_id", &T::user_id),
        field("last_used", &T::last_used),
        field("expires_at", &T::expires_at),
        field("created_at", &T::created_at),
        field("updated_at", &T::updated_at),
        field("login_type", &T::login_type),
        field("scope", &T::scope).of("APIKeyScope"),
        field("scopes", &T::scopes).of("APIKeyScope"),
        field("token_name", &T::token_name),
        field("lifetime_seconds", &T::lifetime_seconds),
        field("allow_list", &T::allow_list),
    };
    static const TypeInfo info = object("APIKey", fields);
    return info;
}

const TypeInfo& describe(const APIKeyWithOwner*) {
    using T = APIKeyWithOwner;
    static const Field fields[] = {
        embedded<T, APIKey>(),
        field("username", &T::username),
    };
    static const TypeInfo info = object("APIKeyWithOwner", fields);
    return info;
}

const TypeInfo& describe(const CreateTokenRequest*) {
    using T = CreateTokenRequest;
    static const Field fields[] = {
        field("lifetime", &T::lifetime),
        field("scope", &T::scope).omitempty().of("APIKeyScope"),
        field("scopes", &T::scopes).omitempty().of("APIKeyScope"),
        field("token_name", &T::token_name),
        field("allow_list", &T::allow_list).omitempty(),
    };
    static const TypeInfo info = object("CreateTokenRequest", fields);
    return info;
}

const TypeInfo& describe(const GenerateAPIKeyResponse*) {
    using T = GenerateAPIKeyResponse;
    static const Field fields[] = {
        field("key", &T::key),
    };
    static const TypeInfo info = object("GenerateAPIKeyResponse", fields);
    return info;
}

const TypeInfo& describe(const TokensFilter*) {
    using T = TokensFilter;
    static const Field fields[] = {
        field("include_all", &T::include_all),
    };
    static const TypeInfo info = object("TokensFilter", fields);
    return info;
}

const TypeInfo& describe(const TokenConfig*) {
    using T = TokenConfig;
    static const Field fields[] = {
        field("max_token_lifetime", &T::max_token_lifetime),
    };
    static const TypeInfo info = object("TokenConfig", fields);
    return info;
}

const TypeInfo& describe(const ExternalAPIKeyScopes*) {
    using T = ExternalAPIKeyScopes;
    static const Field fields[] = {
        field("external", &T::external).of("APIKeyScope"),
    };
    static const TypeInfo info = object("ExternalAPIKeyScopes", fields);
    return info;
}

}  // namespace berth::sdk
