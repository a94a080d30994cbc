#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/time.h"
#include "provisioner.pb.h"
#include "provisioner/terraform/log_line.h"

namespace berth::terraform {

/// Collects how long the steps of one stage ("init", "plan", "graph", "apply") took.
class Timings {
public:
    Timings(std::string stage, base::Time started) : stage_(std::move(stage)), started_(started) {}

    void add(const HookEvent& event, base::Time now);
    /// Everything measured, in order of start; with `action` on `what` for the whole stage first. Steps that
    /// never ended count as failed.
    std::vector<provisioner::Timing> finish(base::Time now, bool ok, const std::string& action,
                                            const std::string& what);

private:
    provisioner::Timing make(base::Time from, base::Time to, const HookEvent& event, bool ok) const;

    std::string stage_;
    base::Time started_;
    std::map<std::string, std::pair<base::Time, HookEvent>> running_;
    std::vector<provisioner::Timing> done_;
};

/// Into one of the *Complete messages.
template <class Complete>
void set_timings(Complete& complete, std::vector<provisioner::Timing> timings) {
    for (auto& timing : timings)
        *complete.add_timings() = std::move(timing);
}

}  // namespace berth::terraform
