#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "base/uuid.h"
#include "net/http/message.h"
#include "rbac/actor.h"
#include "sdk/codec.h"

namespace berth::coderd {

/// The workspace agent behind an agent token.
struct AgentIdentity {
    Uuid agent_id;
    Uuid workspace_id;
    Uuid build_id;
    Uuid owner_id;
};

/// Who sends a request, once authenticated.
struct Caller {
    rbac::Actor actor;
    /// Nil for callers that are not users (agents, provisioners).
    Uuid user_id;
    std::string username;
    /// Empty when no API key was used.
    std::string api_key_id;
    /// Set on routes with Access::agent.
    std::optional<AgentIdentity> agent;
};

/// What a handler receives: the request, already authenticated as its route demands.
class Request {
public:
    Request(http::Request& http, std::shared_ptr<const Caller> caller)
        : http_(&http), caller_(std::move(caller)) {}

    /// A route with Access::open has the anonymous actor, who may do nothing.
    [[nodiscard]] const rbac::Actor& actor() const { return caller_->actor; }
    [[nodiscard]] const Caller& caller() const { return *caller_; }
    [[nodiscard]] std::shared_ptr<const Caller> shared_caller() const { return caller_; }

    [[nodiscard]] const std::string& path(std::string_view name) const { return http_->path_parameter(name); }
    [[nodiscard]] Result<Uuid> path_uuid(std::string_view name) const { return http_->path_uuid(name); }
    [[nodiscard]] std::optional<std::string_view> query(std::string_view name) const {
        return http_->query.get(name);
    }
    [[nodiscard]] bool has_query(std::string_view name) const { return http_->query.has(name); }
    [[nodiscard]] http::Request& http() const { return *http_; }

private:
    http::Request* http_;
    std::shared_ptr<const Caller> caller_;
};

}  // namespace berth::coderd
