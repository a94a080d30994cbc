#pragma once

#include <memory>
#include <string>

#include "coderd/context.h"
#include "net/http/message.h"

namespace berth::coderd {

/// What somebody watches.
class EventSource {
public:
    virtual ~EventSource() = default;
    /// The present state as JSON; not_found when it is gone or may no longer be seen.
    virtual asio::awaitable<Result<std::string>> snapshot() = 0;
};

/// Server-sent events: `data` with the state at once, again after messages of the subscription if it differs,
/// at most one per `pause`; now and then a `ping`, after which the state is looked at as well. A state that
/// cannot be read is an `error` with a Response; only not_found ends the stream.
http::Response event_stream(Context& context, std::unique_ptr<db::Subscription> subscription,
                            std::shared_ptr<EventSource> source, base::Duration pause = {});

}  // namespace berth::coderd
