#pragma once

#include "agent/counters.h"
#include "agent/link.h"
#include "base/clock.h"

namespace berth::agent {

/// Reports what went through the tunnel, as often as the server asks for. Counts that did not arrive are
/// reported with the next ones. Until cancelled.
asio::awaitable<void> report_stats(Counters& counters, Link& link, base::Clock& clock, base::Logger log);

}  // namespace berth::agent
