#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/asio.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/uuid.h"
#include "coderd/jobs/tags.h"
#include "db/generated/models.h"

namespace berth::coderd {

/// What a daemon can take. Those that are equal are alike to the queue.
struct Seeker {
    Uuid organization_id;
    std::vector<db::ProvisionerType> provisioners;
    Tags tags;
    auto operator<=>(const Seeker&) const = default;
};

/// What is told about a job when it is put in the queue. A hint: the database decides who gets the job.
struct JobPosted {
    Uuid organization_id;
    std::string provisioner;
    Tags tags;

    [[nodiscard]] std::string to_json() const;
    static std::optional<JobPosted> from_json(std::string_view json);
};

/// The line of idle daemons on this server. Each new job wakes exactly one that can take it: the one that
/// waits longest. A wake that its receiver did not use is passed on. What a lost notification forgets, the
/// poll finds: it wakes one daemon of each kind, and each that takes a job then wakes the next. Safe to use
/// from all loops.
class Acquirer {
    struct Waiter;

public:
    Acquirer(base::Clock& clock, base::Logger log, base::Duration poll_interval = std::chrono::seconds(30));
    ~Acquirer();

    /// One daemon's place in the line; it belongs to the loop it was made on.
    class Turn {
    public:
        ~Turn();
        Turn(const Turn&) = delete;
        Turn& operator=(const Turn&) = delete;

        /// Call before each look into the queue: only what is posted from here on will wake.
        void begin();
        /// Returns when it is worth to look: a job was posted since begin(), the poll came by, or
        /// interrupt().
        asio::awaitable<void> wait();
        /// Ends wait() now; from any loop.
        void interrupt();

    private:
        friend class Acquirer;
        Turn(Acquirer& acquirer, std::shared_ptr<Waiter> waiter);
        Acquirer& acquirer_;
        std::shared_ptr<Waiter> waiter_;
    };
    std::unique_ptr<Turn> join(asio::any_io_executor executor, Seeker seeker);

    /// Wakes one daemon that can take the job, if one waits here.
    void posted(const JobPosted& job);
    /// Wakes the first daemon of each kind: after notifications may have been lost.
    void look_again();
    /// Calls look_again() at the poll interval until cancelled.
    asio::awaitable<void> run();

    [[nodiscard]] std::size_t waiting() const;

private:
    void leave(const std::shared_ptr<Waiter>& waiter);
    void wake_one(const JobPosted& job);
    /// The mutex is held: one more daemon of the kind looks, as after a poll.
    void wake_kind(const Seeker& kind);

    base::Clock& clock_;
    base::Logger log_;
    base::Duration poll_interval_;
    mutable std::mutex mutex_;
    std::list<std::shared_ptr<Waiter>> waiters_;
};

}  // namespace berth::coderd
