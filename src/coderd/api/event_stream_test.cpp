#include "coderd/api/event_stream.h"

#include <deque>

#include <gtest/gtest.h>

#include "coderd/coderd_testing.h"

namespace berth::coderd {
namespace {

using testing::Fixture;

/// Answers what the test wrote down, the last one again and again.
class ScriptedSource final : public EventSource {
public:
    explicit ScriptedSource(std::deque<Result<std::string>> states) : states_(std::move(states)) {}
    asio::awaitable<Result<std::string>> snapshot() override {
        auto state = states_.front();
        if (states_.size() > 1) states_.pop_front();
        co_return state;
    }

private:
    std::deque<Result<std::string>> states_;
};

/// Keeps what was written; the peer goes away after so many events.
class Recorder final : public http::BodyWriter {
public:
    explicit Recorder(std::size_t most = 100) : most_(most) {}
    asio::awaitable<Result<void>> write(std::string_view data) override {
        if (events.size() == most_) co_return Error(ErrorCode::unavailable, "the peer is gone");
        events.emplace_back(data);
        co_return Result<void>();
    }
    std::vector<std::string> events;

private:
    std::size_t most_;
};

/// Moves the clock whenever the stream waits for it, until the stream ends.
asio::awaitable<void> turn_clock(base::FakeClock& clock, const bool& ended) {
    auto executor = co_await asio::this_coro::executor;
    while (!ended) {
        if (clock.sleepers() > 0) clock.advance(std::chrono::seconds(15));
        co_await asio::post(executor, asio::use_awaitable);
    }
}

asio::awaitable<void> stream_to_end(http::StreamedBody& body, Recorder& recorder, bool& ended) {
    co_await body(recorder);
    ended = true;
}

asio::awaitable<void> run_both(net::TaskGroup& group, base::FakeClock& clock, http::StreamedBody& body,
                               Recorder& recorder) {
    bool ended = false;
    group.spawn("clock", turn_clock(clock, ended));
    co_await stream_to_end(body, recorder, ended);
    co_await group.join();
}

asio::awaitable<void> play(base::FakeClock& clock, http::StreamedBody& body, Recorder& recorder) {
    co_await net::TaskGroup::scope(base::Logger("test"), run_both, std::ref(clock), std::ref(body),
                                   std::ref(recorder));
}

asio::awaitable<void> watch(Fixture& fixture, std::shared_ptr<EventSource> source, Recorder& recorder) {
    auto subscription = co_await fixture.context.pubsub.subscribe("nothing ever comes");
    EXPECT_TRUE(subscription);
    if (!subscription) co_return;
    auto response = event_stream(fixture.context, std::move(*subscription), std::move(source));
    co_await play(fixture.clock, std::get<http::StreamedBody>(response.body), recorder);
}

std::vector<std::string> events_of(std::deque<Result<std::string>> states, std::size_t most = 100) {
    Fixture fixture;
    Recorder recorder(most);
    auto source = std::make_shared<ScriptedSource>(std::move(states));
    fixture.runtime.run(watch(fixture, source, recorder));
    return recorder.events;
}

const std::string ping_event = "event: ping\n\n";

std::string data_event(const std::string& data) { return "event: data\ndata: " + data + "\n\n"; }

TEST(EventStream, TheClockAloneBringsNewStates) {
    auto events = events_of({std::string("1"), std::string("1"), std::string("2"), not_found("gone")});
    ASSERT_EQ(events.size(), 6u);
    EXPECT_EQ(events[0], data_event("1"));
    EXPECT_EQ(events[1], ping_event);
    // The same again is not sent.
    EXPECT_EQ(events[2], ping_event);
    EXPECT_EQ(events[3], data_event("2"));
    EXPECT_EQ(events[4], ping_event);
    EXPECT_EQ(events[5], "event: error\ndata: {\"message\":\"gone\"}\n\n");
}

TEST(EventStream, AFailureIsToldAndDoesNotEndIt) {
    auto events = events_of({Error(ErrorCode::unavailable, "no database"), std::string("1"),
                             internal_error("broken", "a secret of the machine"), not_found("gone")});
    ASSERT_EQ(events.size(), 7u);
    EXPECT_EQ(events[0], "event: error\ndata: {\"message\":\"no database\"}\n\n");
    EXPECT_EQ(events[1], ping_event);
    EXPECT_EQ(events[2], data_event("1"));
    EXPECT_EQ(events[3], ping_event);
    EXPECT_NE(events[4].find("event: error\ndata: {\"message\":\"broken\",\"detail\":\"trace "),
              std::string::npos)
        << events[4];
    EXPECT_EQ(events[5], ping_event);
}

TEST(EventStream, AWatchedWorkspaceTellsThatItsAgentNeverCame) {
    testing::Api api;
    auto made = api.add_shared_template("docker");
    auto dev = api.add_running_workspace(made, api.user, "dev");
    auto agent = api.add_agent(dev.job_id, "main");
    api.sql("UPDATE workspace_agents SET connection_timeout_seconds = 40, created_at = '" +
            base::format_rfc3339(api.clock.now()) + "' WHERE id = '" + agent.id.to_string() + "'");
    http::Request request;
    request.method = http::Method::get;
    request.target = request.path = "/api/v2/workspaces/" + dev.workspace_id.to_string() + "/watch";
    request.headers.set("Coder-Session-Token", api.owner.token);
    auto response = api.runtime.run(api.dispatcher->handle(request));
    ASSERT_EQ(response.status, 200u);
    Recorder recorder(5);
    api.runtime.run(play(api.clock, std::get<http::StreamedBody>(response.body), recorder));
    ASSERT_EQ(recorder.events.size(), 5u);
    EXPECT_NE(recorder.events[0].find("\"status\":\"connecting\""), std::string::npos) << recorder.events[0];
    // After 15, 30 and 45 seconds.
    for (std::size_t i : {1, 2, 3})
        EXPECT_EQ(recorder.events[i], ping_event) << i;
    EXPECT_NE(recorder.events[4].find("\"status\":\"timeout\""), std::string::npos) << recorder.events[4];
}

TEST(EventStream, EndsWhenTheWatcherIsGone) {
    EXPECT_EQ(events_of({std::string("1")}, 0).size(), 0u);
    EXPECT_EQ(events_of({std::string("1")}, 3).size(), 3u);
}

}  // namespace
}  // namespace berth::coderd
