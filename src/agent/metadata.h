#pragma once

#include <map>
#include <string>
#include <vector>

#include "agent/link.h"
#include "agent/workspace.h"
#include "base/clock.h"
#include "net/task_group.h"

namespace coder::agent::v2 {
class Manifest;
}

namespace berth::agent {

struct MetadataItem {
    std::string key;
    std::string script;
    /// Zero: once.
    base::Duration interval{};
    base::Duration timeout{};
};

std::vector<MetadataItem> metadata_of(const coder::agent::v2::Manifest& manifest);

/// Runs each item's script at its interval and sends the newest values, several at a time. An item whose
/// script still runs is not started again. Values are cut to 2 KiB.
class MetadataCollector {
public:
    MetadataCollector(const Workspace& workspace, base::Clock& clock, Link& link, base::Logger log,
                      asio::any_io_executor executor);

    /// Until cancelled. The collector outlives it.
    asio::awaitable<void> run(std::vector<MetadataItem> items);

private:
    struct Value {
        base::Time collected;
        std::string value;
        std::string error;
    };
    static asio::awaitable<void> run_in(net::TaskGroup& group, MetadataCollector* self,
                                        std::vector<MetadataItem> items);
    asio::awaitable<void> collect(MetadataItem item);
    asio::awaitable<void> send();

    const Workspace& workspace_;
    base::Clock& clock_;
    Link& link_;
    base::Logger log_;
    /// Collected and not sent yet, by key.
    std::map<std::string, Value> fresh_;
    net::Signal changed_;
};

}  // namespace berth::agent
