// The queue as daemons empty it, and as people see it.
#include <gtest/gtest.h>

#include <random>

#include <boost/json.hpp>

#include "base/text.h"
#include "coderd/coderd_testing.h"
#include "coderd/jobs/jobs.h"
#include "coderd/jobs/matched.h"
#include "coderd/provisionerdserver/reaper.h"
#include "db/generated/statements.h"

namespace berth::coderd {
namespace {

using db::testing::quoted;
using testing::Api;
using testing::Fixture;

Tags tags_of(std::map<std::string, std::string> more) { return complete_tags(std::move(more), Uuid()); }

class QueueTest : public ::testing::Test {
protected:
    Fixture fixture;
    const Uuid file = fixture.add_file();

    void add_daemon(const Tags& tags, std::chrono::seconds silent = std::chrono::seconds(0)) {
        fixture.sql(
            "INSERT INTO provisioner_daemons (id, created_at, organization_id, key_id, name, provisioners, "
            "tags, last_seen_at) VALUES (gen_random_uuid(), now(), " +
            quoted(fixture.organization) + ", '00000000-0000-0000-0000-000000000001', gen_random_uuid(), " +
            "'{terraform}', '" + tags_to_json(tags) + "', '" +
            base::format_rfc3339(fixture.clock.now() - silent) + "')");
    }
    /// Jobs that were posted one after the other; the smaller the age, the younger.
    void add_jobs(const Tags& tags, int count, int age = 0, int priority = 0) {
        fixture.sql(
            "INSERT INTO provisioner_jobs (id, created_at, updated_at, organization_id, initiator_id, "
            "provisioner, type, file_id, tags, priority) SELECT gen_random_uuid(), now() - "
            "make_interval(secs "
            "=> " +
            std::to_string(age) + " + n), now(), " + quoted(fixture.organization) + ", " +
            quoted(fixture.user) + ", 'terraform', 'workspace_build', " + quoted(file) + ", '" +
            tags_to_json(tags) + "', " + std::to_string(priority) + " FROM generate_series(1, " +
            std::to_string(count) + ") AS n");
    }
    Uuid add_job(const Tags& tags, int age = 0, int priority = 0) {
        add_jobs(tags, 1, age, priority);
        return *Uuid::parse(fixture.sql("SELECT id FROM provisioner_jobs ORDER BY ctid DESC LIMIT 1"));
    }
    QueuePlaces places() {
        auto all = fixture.sql("SELECT string_agg(id::text, ' ') FROM provisioner_jobs");
        std::vector<Uuid> ids;
        for (auto text : base::split(all, ' '))
            ids.push_back(*Uuid::parse(text));
        auto rows = fixture.runtime.run(fixture.context.store.get_queue_places(
            rbac::Actor::system(rbac::SystemActor::provisioner_daemons_reader), ids,
            fixture.clock.now() - daemon_stale_after));
        EXPECT_TRUE(rows) << rows.error().to_string();
        QueuePlaces found;
        for (auto& row : *rows)
            found.emplace(row.id, row);
        return found;
    }
    /// "2/3", or "-" for none.
    static std::string text(const QueuePlaces& places, const Uuid& job) {
        auto found = places.find(job);
        if (found == places.end()) return "-";
        return std::to_string(found->second.place) + "/" + std::to_string(found->second.size);
    }
    /// The jobs as a daemon with these tags takes them.
    std::vector<Uuid> take_all(const Tags& tags, std::size_t at_once) {
        db::AcquireProvisionerJobsParams params;
        params.started_at = fixture.clock.now();
        params.organization_id = fixture.organization;
        params.provisioners = {db::ProvisionerType::terraform};
        params.daemon_tags = tags_to_json(tags);
        std::vector<Uuid> taken;
        while (true) {
            params.worker_ids.assign(at_once, Uuid());
            for (auto& id : params.worker_ids)
                id = Uuid::random();
            auto rows = fixture.runtime.run(fixture.context.store.acquire_provisioner_jobs(
                rbac::Actor::system(rbac::SystemActor::provisionerd), params));
            EXPECT_TRUE(rows) << rows.error().to_string();
            if (!rows || rows->empty()) return taken;
            std::sort(rows->begin(), rows->end(),
                      [](const auto& a, const auto& b) { return a.place < b.place; });
            for (const auto& row : *rows)
                taken.push_back(row.provisioner_job_table.id);
        }
    }
};

TEST_F(QueueTest, AJobStandsBehindAllThatItsDaemonTakesFirst) {
    const auto both = tags_of({{"region", "eu"}, {"gpu", "1"}});
    add_daemon(both);
    add_jobs(tags_of({{"region", "eu"}}), 100, 10);
    add_jobs(tags_of({{"region", "us"}}), 7, 10);
    add_jobs(tags_of({}), 7, 10);
    auto special = add_job(both);
    auto unwanted = add_job(tags_of({{"region", "us"}}));
    auto before = places();
    EXPECT_EQ(text(before, special), "101/101");
    EXPECT_EQ(text(before, unwanted), "-");
    auto taken = take_all(both, 1);
    ASSERT_EQ(taken.size(), 101u);
    EXPECT_EQ(taken.back(), special);
    for (std::size_t i = 0; i < taken.size(); ++i)
        EXPECT_EQ(text(before, taken[i]), std::to_string(i + 1) + "/101");
    EXPECT_EQ(text(places(), special), "-") << "it does not wait any more";
}

TEST_F(QueueTest, TheOrderOfManyLinesIsThatOfOne) {
    // Some are of the same age, which must not make two of one place.
    std::mt19937 random(7);
    const std::vector<Tags> kinds{tags_of({{"a", "1"}}), tags_of({{"b", "1"}}),
                                  tags_of({{"a", "1"}, {"b", "1"}}), tags_of({{"c", "1"}}), tags_of({})};
    for (int i = 0; i < 80; ++i)
        add_job(kinds[random() % kinds.size()], static_cast<int>(random() % 10),
                random() % 3 == 0 ? prebuild_priority : 0);
    fixture.sql(
        "UPDATE provisioner_jobs SET created_at = date_trunc('minute', now()) - (now() - created_at)");
    for (std::size_t at_once : {1u, 3u, 100u}) {
        fixture.sql(
            "UPDATE provisioner_jobs SET started_at = NULL, worker_id = NULL; DELETE FROM "
            "provisioner_daemons");
        add_daemon(kinds[2]);
        auto before = places();
        auto taken = take_all(kinds[2], at_once);
        ASSERT_GT(taken.size(), 20u);
        EXPECT_EQ(before.size(), taken.size());
        for (std::size_t i = 0; i < taken.size(); ++i)
            EXPECT_EQ(text(before, taken[i]), std::to_string(i + 1) + "/" + std::to_string(taken.size()))
                << "taken by " << at_once;
    }
}

TEST_F(QueueTest, OfSeveralDaemonsTheFirstToComeCounts) {
    const auto eu = tags_of({{"region", "eu"}});
    const auto both = tags_of({{"region", "eu"}, {"gpu", "1"}});
    auto first = add_job(eu, 30);
    auto second = add_job(both, 20);
    auto third = add_job(eu, 10);
    auto untagged = add_job(tags_of({}), 40);
    struct Row {
        std::string what;
        std::vector<std::pair<Tags, int>> daemons;
        std::vector<std::string> places;
    };
    for (const auto& row : std::vector<Row>{
             {"nobody", {}, {"-", "-", "-", "-"}},
             {"one that left", {{both, 120}}, {"-", "-", "-", "-"}},
             {"one for all", {{both, 0}}, {"1/3", "2/3", "3/3", "-"}},
             {"two alike", {{both, 0}, {both, 5}}, {"1/3", "2/3", "3/3", "-"}},
             {"one of each", {{both, 0}, {eu, 0}}, {"1/3", "2/3", "2/3", "-"}},
             {"one without tags", {{eu, 0}, {tags_of({}), 0}}, {"1/2", "-", "2/2", "1/1"}},
         }) {
        fixture.sql("DELETE FROM provisioner_daemons");
        for (const auto& [tags, silent] : row.daemons)
            add_daemon(tags, std::chrono::seconds(silent));
        auto found = places();
        EXPECT_EQ(
            (std::vector{text(found, first), text(found, second), text(found, third), text(found, untagged)}),
            row.places)
            << row.what;
    }
}

/// What others take while the first jobs are held by somebody.
asio::awaitable<Result<std::vector<Uuid>>> take_beside(db::Transaction& tx, db::Store& store,
                                                       const std::vector<Uuid>& held,
                                                       const db::AcquireProvisionerJobsParams& wish) {
    const auto& daemon = rbac::Actor::system(rbac::SystemActor::provisionerd);
    for (const auto& id : held) {
        auto locked = co_await tx.lock_provisioner_job_by_id(daemon, id);
        if (!locked) co_return locked.error();
    }
    auto rows = co_await store.acquire_provisioner_jobs(daemon, wish);
    if (!rows) co_return rows.error();
    std::vector<Uuid> taken;
    for (const auto& row : *rows)
        taken.push_back(row.provisioner_job_table.id);
    co_return taken;
}

TEST_F(QueueTest, JobsThatAnotherServerTakesJustThenAreSteppedOver) {
    const auto both = tags_of({{"region", "eu"}, {"gpu", "1"}});
    std::vector<Uuid> held{add_job(tags_of({{"region", "eu"}}), 50), add_job(both, 40)};
    auto next = add_job(tags_of({{"region", "eu"}}), 30);
    auto after = add_job(both, 20);
    db::AcquireProvisionerJobsParams wish;
    wish.started_at = fixture.clock.now();
    wish.organization_id = fixture.organization;
    wish.provisioners = {db::ProvisionerType::terraform};
    wish.daemon_tags = tags_to_json(both);
    wish.spare = 2;
    for (const auto& wanted : {next, after}) {
        wish.worker_ids = {Uuid::random()};
        auto taken = fixture.runtime.run(fixture.context.store.transaction(
            {}, take_beside, std::ref(fixture.context.store), std::cref(held), std::cref(wish)));
        ASSERT_TRUE(taken) << taken.error().to_string();
        EXPECT_EQ(*taken, std::vector<Uuid>{wanted});
    }
    EXPECT_EQ(take_all(both, 1), held) << "they were let go";
}

// ---- How much is read, however long the queue is
// -----------------------------------------------------------

/// Pages that a statement touches when it runs for the second time.
std::int64_t pages_read(Fixture& fixture, const db::Statement& statement, const std::string& types,
                        const std::string& arguments) {
    auto explain = "EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) EXECUTE counted(" + arguments + ")";
    auto plan =
        fixture.sql("PREPARE counted(" + types + ") AS " + statement.text + "; " + explain + "; " + explain);
    const auto top = boost::json::parse(plan).at(0).at("Plan").as_object();
    return top.at("Shared Hit Blocks").as_int64() + top.at("Shared Read Blocks").as_int64();
}

TEST_F(QueueTest, ALongQueueCostsNoMoreThanAShortOne) {
    const auto eu = tags_of({{"region", "eu"}});
    add_daemon(eu);
    auto mine = add_job(eu);
    auto measure = [&] {
        fixture.sql("ANALYZE provisioner_jobs");
        auto workers = "ARRAY[gen_random_uuid(), gen_random_uuid()]";
        std::map<std::string, std::int64_t> pages;
        pages["acquire"] =
            pages_read(fixture, db::statements::acquire_provisioner_jobs,
                       "timestamptz, uuid[], text, text, text, uuid, provisioner_type[], jsonb, integer",
                       std::string("now(), ") + workers + ", 'a', 'b', 'c', " + quoted(fixture.organization) +
                           ", '{terraform}', '" + tags_to_json(tags_of({{"none", "such"}})) + "', 50");
        pages["place"] = pages_read(fixture, db::statements::get_queue_places, "uuid[], timestamptz",
                                    "ARRAY[" + quoted(mine) + "::uuid], '" +
                                        base::format_rfc3339(fixture.clock.now() - daemon_stale_after) + "'");
        return pages;
    };
    for (const char* region : {"us", "asia"})
        add_jobs(tags_of({{"region", region}}), 50, 10);
    auto few = measure();
    for (const char* region : {"us", "asia"})
        add_jobs(tags_of({{"region", region}}), 4950, 100);
    for (const auto& [what, pages] : measure())
        // The index is a level deeper at most, for each step down it.
        EXPECT_LE(pages, few[what] * 2) << what;
    // Its own line as well, for whoever takes the first.
    add_jobs(eu, 50, 10);
    auto taking = [&] {
        fixture.sql("ANALYZE provisioner_jobs");
        return pages_read(fixture, db::statements::acquire_provisioner_jobs,
                          "timestamptz, uuid[], text, text, text, uuid, provisioner_type[], jsonb, integer",
                          "now(), ARRAY[gen_random_uuid()], 'a', 'b', 'c', " + quoted(fixture.organization) +
                              ", '{terraform}', '" + tags_to_json(eu) + "', 0");
    };
    auto from_short = taking();
    add_jobs(eu, 10'000, 100);
    EXPECT_LE(taking(), from_short * 2);
}

// ---- Why jobs wait
// -----------------------------------------------------------------------------------------

TEST_F(QueueTest, WhyAJobWaitsIsInItsLogOnceSinceItsDaemonLeft) {
    const auto eu = tags_of({{"region", "eu"}});
    add_daemon(eu);
    add_daemon(tags_of({}));
    auto far = add_job(eu);
    auto near = add_job(tags_of({}));
    auto running = add_job(eu);
    fixture.sql("UPDATE provisioner_jobs SET started_at = now() WHERE id = " + quoted(running));
    auto note = [&] { return fixture.runtime.run(note_waiting_jobs(fixture.context)).value(); };
    auto log = [&](const Uuid& job) {
        return fixture.sql(
            "SELECT coalesce(string_agg(level || ' ' || stage || ' ' || output, '; '), '') FROM "
            "provisioner_job_logs WHERE job_id = " +
            quoted(job));
    };
    EXPECT_EQ(note(), 0u) << "its daemon is there";
    fixture.clock.advance(std::chrono::minutes(2));
    fixture.sql("UPDATE provisioner_daemons SET last_seen_at = '" +
                base::format_rfc3339(fixture.clock.now()) + "' WHERE NOT tags ? 'region'");
    EXPECT_EQ(note(), 1u);
    EXPECT_EQ(log(far), "warn Queue The job waits: no connected provisioner daemon has the tag region=eu.");
    EXPECT_EQ(log(near), "");
    EXPECT_EQ(log(running), "");
    EXPECT_EQ(note(), 0u) << "it was said";
    fixture.clock.advance(std::chrono::minutes(2));
    EXPECT_EQ(note(), 1u) << "now the other one";
    EXPECT_EQ(log(near), "warn Queue The job waits: no provisioner daemon is connected.");
    EXPECT_EQ(fixture.sql("SELECT count(*) FROM provisioner_job_logs WHERE job_id = " + quoted(far)), "1");
}

}  // namespace
}  // namespace berth::coderd
