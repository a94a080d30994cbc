#include "provisioner/terraform/timings.h"

#include <algorithm>

namespace berth::terraform {
namespace {

namespace pb = ::provisioner;

/// More steps than any real template has; beyond it, only the stage is measured.
constexpr std::size_t max_steps = 5'000;

void set_time(google::protobuf::Timestamp* out, base::Time time) {
    auto since_epoch = time.time_since_epoch();
    auto seconds = std::chrono::floor<std::chrono::seconds>(since_epoch);
    out->set_seconds(seconds.count());
    out->set_nanos(static_cast<std::int32_t>(std::chrono::nanoseconds(since_epoch - seconds).count()));
}

}  // namespace

pb::Timing Timings::make(base::Time from, base::Time to, const HookEvent& event, bool ok) const {
    pb::Timing timing;
    set_time(timing.mutable_start(), from);
    set_time(timing.mutable_end(), std::max(from, to));
    timing.set_action(event.action);
    timing.set_source(event.provider);
    timing.set_resource(event.address);
    timing.set_stage(stage_);
    timing.set_state(ok ? pb::COMPLETED : pb::FAILED);
    return timing;
}

void Timings::add(const HookEvent& event, base::Time now) {
    auto at = event.at.value_or(now);
    auto key = event.action + " " + event.address;
    if (event.kind == HookEvent::Kind::start) {
        if (running_.size() + done_.size() < max_steps) running_.insert_or_assign(key, std::pair(at, event));
        return;
    }
    auto it = running_.find(key);
    if (it == running_.end()) return;
    done_.push_back(make(it->second.first, at, it->second.second, event.kind == HookEvent::Kind::complete));
    running_.erase(it);
}

std::vector<pb::Timing> Timings::finish(base::Time now, bool ok, const std::string& action,
                                        const std::string& what) {
    for (const auto& [key, step] : running_)
        done_.push_back(make(step.first, now, step.second, false));
    running_.clear();
    std::stable_sort(done_.begin(), done_.end(), [](const pb::Timing& a, const pb::Timing& b) {
        return std::pair(a.start().seconds(), a.start().nanos()) <
               std::pair(b.start().seconds(), b.start().nanos());
    });
    HookEvent whole;
    whole.action = action;
    whole.provider = "terraform";
    whole.address = what;
    std::vector<pb::Timing> all{make(started_, now, whole, ok)};
    std::move(done_.begin(), done_.end(), std::back_inserter(all));
    done_.clear();
    return all;
}

}  // namespace berth::terraform
