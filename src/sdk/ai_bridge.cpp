#include "sdk/ai_bridge.h"

namespace berth::sdk {

const TypeInfo& describe(const AIBridgeTokenUsage*) {
    using T = AIBridgeTokenUsage;
    static const Field fields[] = {
        field("id", &T::id),
        field("interception_id", &T::interception_id),
        field("provider_response_id", &T::provider_response_id),
        field("input_tokens", &T::input_tokens),
        field("output_tokens", &T::output_tokens),
        field("metadata", &T::metadata),
        field("created_at", &T::created_at),
    };
    static const TypeInfo info = object("AIBridgeTokenUsage", fields);
    return info;
}

const TypeInfo& describe(const AIBridgeUserPrompt*) {
    using T = AIBridgeUserPrompt;
    static const Field fields[] = {
        field("id", &T::id),
        field("interception_id", &T::interception_id),
        field("provider_response_id", &T::provider_response_id),
        field("prompt", &T::prompt),
        field("metadata", &T::metadata),
        field("created_at", &T::created_at),
    };
    static const TypeInfo info = object("AIBridgeUserPrompt", fields);
    return info;
}

const TypeInfo& describe(const AIBridgeToolUsage*) {
    using T = AIBridgeToolUsage;
    static const Field fields[] = {
        field("id", &T::id),
        field("interception_id", &T::interception_id),
        field("provider_response_id", &T::provider_response_id),
        field("server_url", &T::server_url),
        field("tool", &T::tool),
        field("input", &T::input),
        field("injected", &T::injected),
        field("invocation_error", &T::invocation_error),
        field("metadata", &T::metadata),
        field("created_at", &T::created_at),
    };
    static const TypeInfo info = object("AIBridgeToolUsage", fields);
    return info;
}

const TypeInfo& describe(const AIBridgeInterception*) {
    using T = AIBridgeInterception;
    static const Field fields[] = {
        field("id", &T::id),
        field("api_key_id", &T::api_key_id),
        field("initiator", &T::initiator),
        field("provider", &T::provider),
        field("model", &T::model),
        field("metadata", &T::metadata),
        field("started_at", &T::started_at),
        field("ended_at", &T::ended_at),
        field("token_usages", &T::token_usages),
        field("user_prompts", &T::user_prompts),
        field("tool_usages", &T::tool_usages),
    };
    static const TypeInfo info = object("AIBridgeInterception", fields);
    return info;
}

const TypeInfo& describe(const AIBridgeListInterceptionsResponse*) {
    using T = AIBridgeListInterceptionsResponse;
    static const Field fields[] = {
        field("count", &T::count),
        field("results", &T::results),
    };
    static const TypeInfo info = object("AIBridgeListInterceptionsResponse", fields);
    return info;
}

const TypeInfo& describe(const AIBridgeListInterceptionsFilter*) {
    using T = AIBridgeListInterceptionsFilter;
    static const Field fields[] = {
        field("pagination", &T::pagination).omitempty(),
        field("initiator", &T::initiator).omitempty(),
        field("started_before", &T::started_before).omitempty(),
        field("started_after", &T::started_after).omitempty(),
        field("provider", &T::provider).omitempty(),
        field("model", &T::model).omitempty(),
        field("q", &T::q).omitempty(),
    };
    static const TypeInfo info = object("AIBridgeListInterceptionsFilter", fields);
    return info;
}

}  // namespace berth::sdk
