#include "coderd/provisionerdserver/acquirer.h"

#include <algorithm>

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/json.hpp>

namespace berth::coderd {

std::string JobPosted::to_json() const {
    boost::json::object object;
    object["organization_id"] = organization_id.to_string();
    object["provisioner"] = provisioner;
    auto& list = object["tags"].emplace_object();
    for (const auto& [key, value] : tags)
        list[key] = value;
    return boost::json::serialize(object);
}

std::optional<JobPosted> JobPosted::from_json(std::string_view json) {
    boost::system::error_code error;
    auto value = boost::json::parse(json, error);
    if (error || !value.is_object()) return std::nullopt;
    const auto& object = value.get_object();
    const auto* organization = object.if_contains("organization_id");
    const auto* provisioner = object.if_contains("provisioner");
    const auto* tags = object.if_contains("tags");
    if (organization == nullptr || !organization->is_string() || provisioner == nullptr ||
        !provisioner->is_string() || tags == nullptr) {
        return std::nullopt;
    }
    auto id = Uuid::parse(organization->get_string());
    auto parsed = tags_from_json(boost::json::serialize(*tags));
    if (!id || !parsed) return std::nullopt;
    return JobPosted{*id, std::string(provisioner->get_string()), std::move(*parsed)};
}

/// The mutex of the acquirer guards all but the timer, which its loop alone touches.
struct Acquirer::Waiter : std::enable_shared_from_this<Waiter> {
    Waiter(asio::any_io_executor loop, Seeker wants)
        : seeker(std::move(wants)), executor(std::move(loop)), timer(executor, base::SteadyTime::max()) {}

    [[nodiscard]] bool can_take(const JobPosted& job) const {
        auto provisioner = db::parse_provisioner_type(job.provisioner);
        return seeker.organization_id == job.organization_id && provisioner &&
               std::find(seeker.provisioners.begin(), seeker.provisioners.end(), *provisioner) !=
                   seeker.provisioners.end() &&
               tags_match(seeker.tags, job.tags);
    }
    void wake() {
        woken = true;
        asio::post(executor, [self = shared_from_this()] { self->timer.cancel(); });
    }

    Seeker seeker;
    asio::any_io_executor executor;
    asio::steady_timer timer;
    /// Looking into the queue just now.
    bool looking = true;
    /// Woken by the poll, and then looking because of it: there may be more jobs than the one it finds.
    bool polled = false;
    bool looks_after_poll = false;
    bool woken = false;
    /// The job that woke it since begin(), to be passed on when nobody looks.
    std::optional<JobPosted> job;
};

Acquirer::Acquirer(base::Clock& clock, base::Logger log, base::Duration poll_interval)
    : clock_(clock), log_(std::move(log)), poll_interval_(poll_interval) {}

Acquirer::~Acquirer() = default;

std::unique_ptr<Acquirer::Turn> Acquirer::join(asio::any_io_executor executor, Seeker seeker) {
    auto waiter = std::make_shared<Waiter>(std::move(executor), std::move(seeker));
    {
        std::lock_guard lock(mutex_);
        waiters_.push_back(waiter);
    }
    return std::unique_ptr<Turn>(new Turn(*this, std::move(waiter)));
}

Acquirer::Turn::Turn(Acquirer& acquirer, std::shared_ptr<Waiter> waiter)
    : acquirer_(acquirer), waiter_(std::move(waiter)) {}

Acquirer::Turn::~Turn() { acquirer_.leave(waiter_); }

void Acquirer::Turn::begin() {
    std::lock_guard lock(acquirer_.mutex_);
    waiter_->looking = true;
    waiter_->looks_after_poll = std::exchange(waiter_->polled, false);
    waiter_->woken = false;
    waiter_->job.reset();
}

asio::awaitable<void> Acquirer::Turn::wait() {
    while (true) {
        {
            std::lock_guard lock(acquirer_.mutex_);
            waiter_->looking = false;
            if (waiter_->woken) co_return;
        }
        // A wake between the check and the wait is posted to this loop, so it finds the timer waiting.
        boost::system::error_code ignored;
        co_await waiter_->timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
}

void Acquirer::Turn::interrupt() {
    std::lock_guard lock(acquirer_.mutex_);
    waiter_->wake();
}

void Acquirer::leave(const std::shared_ptr<Waiter>& waiter) {
    std::optional<JobPosted> unused;
    {
        std::lock_guard lock(mutex_);
        waiters_.remove(waiter);
        unused = std::move(waiter->job);
        if (waiter->looks_after_poll) wake_kind(waiter->seeker);
    }
    if (unused) wake_one(*unused);
}

void Acquirer::posted(const JobPosted& job) {
    log_.debug("job posted", field("organization_id", job.organization_id),
               field("provisioner", job.provisioner));
    wake_one(job);
}

void Acquirer::wake_one(const JobPosted& job) {
    std::lock_guard lock(mutex_);
    Waiter* chosen = nullptr;
    for (const auto& waiter : waiters_) {
        if (waiter->woken || !waiter->can_take(job)) continue;
        // One that looks just now may miss the job: it is asked to look again, but only when nobody rests.
        if (chosen == nullptr || (chosen->looking && !waiter->looking)) chosen = waiter.get();
        if (!chosen->looking) break;
    }
    // Nobody: whoever joins next looks into the queue first.
    if (chosen == nullptr) return;
    chosen->job = job;
    chosen->wake();
}

void Acquirer::look_again() {
    std::lock_guard lock(mutex_);
    std::vector<const Seeker*> kinds;
    for (const auto& waiter : waiters_) {
        bool seen = std::any_of(kinds.begin(), kinds.end(),
                                [&](const Seeker* kind) { return *kind == waiter->seeker; });
        if (seen) continue;
        kinds.push_back(&waiter->seeker);
        waiter->polled = true;
        waiter->wake();
    }
}

void Acquirer::wake_kind(const Seeker& kind) {
    for (const auto& waiter : waiters_) {
        if (waiter->woken || !(waiter->seeker == kind)) continue;
        waiter->polled = true;
        waiter->wake();
        return;
    }
}

asio::awaitable<void> Acquirer::run() {
    while (true) {
        co_await clock_.sleep(poll_interval_);
        look_again();
    }
}

std::size_t Acquirer::waiting() const {
    std::lock_guard lock(mutex_);
    return waiters_.size();
}

}  // namespace berth::coderd
