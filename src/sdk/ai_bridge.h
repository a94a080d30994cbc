#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sdk/codec.h"
#include "sdk/response.h"
#include "sdk/users.h"

namespace berth::sdk {

struct AIBridgeTokenUsage {
    Uuid id;
    Uuid interception_id;
    std::string provider_response_id;
    std::int64_t input_tokens = 0;
    std::int64_t output_tokens = 0;
    std::map<std::string, RawJson> metadata;
    base::Time created_at = zero_time;
};
const TypeInfo& describe(const AIBridgeTokenUsage*);

struct AIBridgeUserPrompt {
    Uuid id;
    Uuid interception_id;
    std::string provider_response_id;
    std::string prompt;
    std::map<std::string, RawJson> metadata;
    base::Time created_at = zero_time;
};
const TypeInfo& describe(const AIBridgeUserPrompt*);

struct AIBridgeToolUsage {
    Uuid id;
    Uuid interception_id;
    std::string provider_response_id;
    std::string server_url;
    std::string tool;
    std::string input;
    bool injected = false;
    std::string invocation_error;
    std::map<std::string, RawJson> metadata;
    base::Time created_at = zero_time;
};
const TypeInfo& describe(const AIBridgeToolUsage*);

struct AIBridgeInterception {
    Uuid id;
    std::optional<std::string> api_key_id;
    MinimalUser initiator;
    std::string provider;
    std::string model;
    std::map<std::string, RawJson> metadata;
    base::Time started_at = zero_time;
    std::optional<base::Time> ended_at;
    std::vector<AIBridgeTokenUsage> token_usages;
    std::vector<AIBridgeUserPrompt> user_prompts;
    std::vector<AIBridgeToolUsage> tool_usages;
};
const TypeInfo& describe(const AIBridgeInterception*);

struct AIBridgeListInterceptionsResponse {
    std::int64_t count = 0;
    std::vector<AIBridgeInterception> results;
};
const TypeInfo& describe(const AIBridgeListInterceptionsResponse*);

struct AIBridgeListInterceptionsFilter {
    Pagination pagination;
    std::string initiator;
    base::Time started_before = zero_time;
    base::Time started_after = zero_time;
    std::string provider;
    std::string model;
    std::string q;
};
const TypeInfo& describe(const AIBridgeListInterceptionsFilter*);

}  // namespace berth::sdk
