#pragma once

#include "coderd/context.h"

namespace berth::coderd {

/// How many jobs one pass fails.
inline constexpr std::int32_t reap_batch = 10;

/// Fails running jobs that went silent and pending ones that nobody took (ServerOptions::job_silence,
/// job_pending), with a line in their log; builds keep the state of the build before. Of several servers one
/// does the work. Answers how many jobs were failed.
asio::awaitable<Result<std::size_t>> reap_jobs(Context& context);

/// Says in the logs of jobs that wait for a daemon that is not there (any more) why they wait, once in each.
/// Of several servers one does the work. Answers how many jobs those were.
asio::awaitable<Result<std::size_t>> note_waiting_jobs(Context& context);

/// Both at ServerOptions::reaper_interval until cancelled.
asio::awaitable<void> run_reaper(Context& context);

}  // namespace berth::coderd
