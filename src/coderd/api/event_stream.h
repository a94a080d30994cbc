#pragma once

#include <memory>
#include <optional>
#include <string>

#include "coderd/context.h"
#include "net/http/message.h"

namespace berth::coderd {

/// What somebody watches.
class EventSource {
public:
    virtual ~EventSource() = default;
    /// The present state as JSON; nothing when it is gone or may no longer be seen, which ends the stream.
    virtual asio::awaitable<std::optional<std::string>> snapshot() = 0;
};

/// Server-sent events: `data` with the state at once, again after messages of the subscription if it differs,
/// at most one per `pause`; `ping` now and then.
http::Response event_stream(Context& context, std::unique_ptr<db::Subscription> subscription,
                            std::shared_ptr<EventSource> source, base::Duration pause = {});

}  // namespace berth::coderd
