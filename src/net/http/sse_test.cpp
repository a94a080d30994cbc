#include "net/http/sse.h"

#include <gtest/gtest.h>

#include "net/runtime.h"
#include "net/task_group.h"

namespace berth::http {
namespace {

TEST(SseTest, FormatsOneLineOfDataEach) {
    EXPECT_EQ(format_event("ping"), "event: ping\n\n");
    EXPECT_EQ(format_event("data", "{\"a\":1}"), "event: data\ndata: {\"a\":1}\n\n");
    EXPECT_EQ(format_event("data", "two\nlines"), "event: data\ndata: two\ndata: lines\n\n");
}

asio::awaitable<void> feed(net::Stream* to, std::string text, std::size_t step) {
    for (std::size_t at = 0; at < text.size(); at += step) {
        auto sent = co_await to->write(net::as_bytes(std::string_view(text).substr(at, step)));
        if (!sent) co_return;
    }
    to->close();
}

asio::awaitable<void> read_in_group(net::TaskGroup& group, std::string text, std::size_t step,
                                    std::size_t limit, std::string* seen) {
    auto executor = group.executor();
    auto [near, far] = net::connected_pair(executor, executor);
    group.spawn("feed", feed(far.get(), std::move(text), step));
    SseReader reader(*near, limit);
    while (true) {
        auto event = co_await reader.next();
        if (!event) {
            *seen += "error:" + event.error().message();
            break;
        }
        if (!*event) break;
        *seen += (*event)->type + "=" + (*event)->data + ";";
    }
    near->close();
    co_await group.join();
}

std::string read(std::string text, std::size_t step, std::size_t limit = 1000) {
    net::Runtime runtime(1);
    std::string seen;
    runtime.run(
        net::TaskGroup::scope(base::Logger("test"), read_in_group, std::move(text), step, limit, &seen));
    return seen;
}

TEST(SseTest, ReadsEventsHoweverTheyArrive) {
    struct Row {
        std::string text;
        std::string seen;
    };
    for (const Row& row :
         std::vector<Row>{{"", ""},
                          {"event: cut", ""},
                          {"data: " + std::string(2000, 'x') + "\n\n", "error:an event is too long"},
                          {std::string(2000, 'x'), "error:an event is too long"},
                          {"event: ping\n\n", "ping=;"},
                          {"event: data\ndata: {}\n\nevent: ping\n\n", "data={};ping=;"},
                          {"\n\n: comment\nid: 7\nretry: 1\n\ndata:x\n\n", "message=x;"},
                          {"data: a\ndata: b\n\n", "message=a\nb;"},
                          {"event: data\r\ndata: crlf\r\n\r\n", "data=crlf;"},
                          {"event: data\rdata: cr\r\rdata: y\r\r\n", "data=cr;message=y;"},
                          {"data\n\n", "message=;"}}) {
        for (std::size_t step : {1, 3, 100'000})
            EXPECT_EQ(read(row.text, step), row.seen) << row.text << " by " << step;
    }
}

}  // namespace
}  // namespace berth::http
