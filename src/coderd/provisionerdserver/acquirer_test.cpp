#include "coderd/provisionerdserver/acquirer.h"

#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

#include "net/runtime.h"
#include "net/task_group.h"

namespace berth::coderd {
namespace {

const Uuid home = Uuid::random();
const Tags plain{{"scope", "organization"}, {"owner", ""}};
const Tags gpu{{"scope", "organization"}, {"owner", ""}, {"gpu", "1"}};

Seeker seeker(Tags tags = plain, Uuid of = home) {
    return {of, {db::ProvisionerType::terraform}, std::move(tags)};
}
JobPosted job(Tags tags = plain, Uuid of = home) { return {of, "terraform", std::move(tags)}; }

/// A daemon that finds nothing when it looks; counts how often it was woken.
struct Daemon {
    std::unique_ptr<Acquirer::Turn> turn;
    int wakes = 0;
};

asio::awaitable<void> idle(std::shared_ptr<Daemon> daemon) {
    while (true) {
        daemon->turn->begin();
        co_await daemon->turn->wait();
        ++daemon->wakes;
    }
}

/// Lets everything that is ready on this loop run.
asio::awaitable<void> settle() {
    for (int i = 0; i < 20; ++i) {
        auto executor = co_await asio::this_coro::executor;
        co_await asio::post(executor, asio::use_awaitable);
    }
}

using Daemons = std::vector<std::shared_ptr<Daemon>>;

std::vector<int> wakes(const Daemons& daemons) {
    std::vector<int> counts;
    for (const auto& daemon : daemons)
        counts.push_back(daemon->wakes);
    return counts;
}

using Script = asio::awaitable<void> (*)(Acquirer&, Daemons&, net::TaskGroup&);

asio::awaitable<void> run_script(net::TaskGroup& group, Acquirer& acquirer, std::vector<Seeker> seekers,
                                 Script script) {
    Daemons daemons;
    for (auto& each : seekers) {
        auto daemon = std::make_shared<Daemon>();
        daemon->turn = acquirer.join(group.executor(), each);
        daemons.push_back(daemon);
        group.spawn("daemon", idle(daemon));
    }
    co_await settle();
    co_await script(acquirer, daemons, group);
    group.cancel();
    co_await group.join();
    daemons.clear();
    EXPECT_EQ(acquirer.waiting(), 0u);
}

void with_daemons(std::vector<Seeker> seekers, Script script) {
    net::Runtime runtime(1);
    Acquirer acquirer(base::system_clock(), base::Logger("test"));
    runtime.run(net::TaskGroup::scope(base::Logger("test"), run_script, std::ref(acquirer),
                                      std::move(seekers), script));
}

TEST(Acquirer, WakesExactlyOnePerJob) {
    with_daemons({seeker(), seeker(), seeker(), seeker()},
                 [](Acquirer& acquirer, Daemons& daemons, net::TaskGroup&) -> asio::awaitable<void> {
                     acquirer.posted(job());
                     co_await settle();
                     EXPECT_EQ(wakes(daemons), (std::vector{1, 0, 0, 0}));
                     // Two at once wake two daemons, not one twice.
                     acquirer.posted(job());
                     acquirer.posted(job());
                     co_await settle();
                     EXPECT_EQ(wakes(daemons), (std::vector{2, 1, 0, 0}));
                 });
}

TEST(Acquirer, WakesOnlyWhoCanTakeTheJob) {
    with_daemons({seeker(gpu), seeker(plain, Uuid::random()), seeker(plain)},
                 [](Acquirer& acquirer, Daemons& daemons, net::TaskGroup&) -> asio::awaitable<void> {
                     acquirer.posted(job(plain));
                     co_await settle();
                     EXPECT_EQ(wakes(daemons), (std::vector{0, 0, 1}));
                     acquirer.posted(job(gpu));
                     co_await settle();
                     EXPECT_EQ(wakes(daemons), (std::vector{1, 0, 1}));
                     auto echo = job();
                     echo.provisioner = "echo";
                     acquirer.posted(echo);
                     acquirer.posted(job(gpu, Uuid::random()));
                     co_await settle();
                     EXPECT_EQ(wakes(daemons), (std::vector{1, 0, 1}));
                 });
}

TEST(Acquirer, PassesOnAWakeThatWasNotUsed) {
    with_daemons({seeker(), seeker()},
                 [](Acquirer& acquirer, Daemons& daemons, net::TaskGroup&) -> asio::awaitable<void> {
                     auto executor = co_await asio::this_coro::executor;
                     auto leaving = acquirer.join(executor, seeker(gpu));
                     leaving->begin();
                     acquirer.posted(job(gpu));
                     // It goes away before it looks; nobody else has a GPU, so the job stays in the queue for
                     // the next to join.
                     leaving.reset();
                     co_await settle();
                     EXPECT_EQ(wakes(daemons), (std::vector{0, 0}));

                     auto first = acquirer.join(executor, seeker());
                     first->begin();
                     acquirer.posted(job());
                     acquirer.posted(job());
                     acquirer.posted(job());
                     co_await settle();
                     EXPECT_EQ(wakes(daemons), (std::vector{1, 1}));
                     // `first` was woken for the third job and leaves: one of the others gets it.
                     first.reset();
                     co_await settle();
                     EXPECT_EQ(daemons[0]->wakes + daemons[1]->wakes, 3);
                 });
}

TEST(Acquirer, AJobPostedDuringALookIsNotMissed) {
    with_daemons({}, [](Acquirer& acquirer, Daemons&, net::TaskGroup&) -> asio::awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        auto turn = acquirer.join(executor, seeker());
        turn->begin();
        acquirer.posted(job());
        co_await turn->wait();
        turn->begin();
        turn->interrupt();
        co_await turn->wait();
    });
}

asio::awaitable<void> poll_script(net::TaskGroup& group, Acquirer& acquirer, base::FakeClock& clock) {
    std::vector<Seeker> seekers{seeker(), seeker(), seeker(gpu)};
    Daemons daemons;
    for (auto& each : seekers) {
        daemons.push_back(std::make_shared<Daemon>());
        daemons.back()->turn = acquirer.join(group.executor(), each);
        group.spawn("daemon", idle(daemons.back()));
    }
    group.spawn("poll", acquirer.run());
    co_await settle();
    EXPECT_EQ(clock.sleepers(), 1u);
    clock.advance(std::chrono::seconds(29));
    co_await settle();
    EXPECT_EQ(wakes(daemons), (std::vector{0, 0, 0}));
    clock.advance(std::chrono::seconds(1));
    co_await settle();
    // One of each kind looks for all.
    EXPECT_EQ(wakes(daemons), (std::vector{1, 0, 1}));
    group.cancel();
    co_await group.join();
}

TEST(Acquirer, PollsWhenNotificationsAreLost) {
    net::Runtime runtime(1);
    base::FakeClock clock;
    Acquirer acquirer(clock, base::Logger("test"));
    runtime.run(
        net::TaskGroup::scope(base::Logger("test"), poll_script, std::ref(acquirer), std::ref(clock)));
}

asio::awaitable<void> chain_script(net::TaskGroup&, Acquirer& acquirer) {
    auto executor = co_await asio::this_coro::executor;
    auto first = acquirer.join(executor, seeker());
    auto second = acquirer.join(executor, seeker());
    auto other = acquirer.join(executor, seeker(gpu));
    acquirer.look_again();
    co_await first->wait();
    first->begin();
    second->begin();
    other->begin();
    // It found a job and leaves with it: there may be another for the second.
    first.reset();
    co_await second->wait();
    second->begin();
    // Woken by a job of its own, it says nothing about more.
    acquirer.posted(job());
    co_await second->wait();
    second->begin();
    auto third = acquirer.join(executor, seeker());
    third->begin();
    second.reset();
    third->interrupt();
    co_await third->wait();
    EXPECT_EQ(acquirer.waiting(), 2u);
}

TEST(Acquirer, WhoTakesAJobAfterAPollWakesTheNext) {
    net::Runtime runtime(1);
    base::FakeClock clock;
    Acquirer acquirer(clock, base::Logger("test"));
    runtime.run(net::TaskGroup::scope(base::Logger("test"), chain_script, std::ref(acquirer)));
}

TEST(JobPosted, Json) {
    for (const char* bad :
         {"", "{}", "[]", R"({"organization_id":"x","provisioner":"terraform","tags":{}})",
          R"({"organization_id":"00000000-0000-0000-0000-000000000001","provisioner":1,"tags":{}})",
          R"({"organization_id":"00000000-0000-0000-0000-000000000001","provisioner":"t","tags":[]})"}) {
        EXPECT_FALSE(JobPosted::from_json(bad)) << bad;
    }
    auto back = JobPosted::from_json(job(gpu).to_json());
    ASSERT_TRUE(back);
    EXPECT_EQ(back->organization_id, home);
    EXPECT_EQ(back->provisioner, "terraform");
    EXPECT_EQ(back->tags, gpu);
}

}  // namespace
}  // namespace berth::coderd
