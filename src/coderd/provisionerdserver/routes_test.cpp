#include "coderd/provisionerdserver/routes.h"

#include <gtest/gtest.h>

#include "coderd/coderd_testing.h"
#include "coderd/jobs/jobs.h"

namespace berth::coderd {
namespace {

using testing::Answer;
using testing::Api;
using testing::Person;

using db::testing::quoted;

class ProvisionerRoutesTest : public ::testing::Test {
protected:
    ProvisionerRoutesTest() {
        provisioners.register_routes(api.routes);
        api.dispatcher = std::make_unique<Dispatcher>(api.routes, *api.authenticator, base::Logger("test"));
        api.sql(
            "INSERT INTO organizations (id, name, display_name, description, created_at, updated_at) "
            "VALUES (gen_random_uuid(), 'other', 'Other', '', now(), now())");
    }

    Api api;
    ProvisionerdServer server{api.context};
    ProvisionerRoutes provisioners{api.context, server, *api.authenticator};
    Person mary = api.add_user("mary");
    Person theo = api.add_user("theo", "{template-admin}");
    const std::string organization = "/api/v2/organizations/default/";

    /// Without the upgrade: who is admitted hears that it is missing.
    static bool admitted(const Answer& answer) {
        return answer.status == 400 && answer.message().find("WebSocket") != std::string::npos;
    }
    static std::string serve(const std::string& name, const std::string& tags,
                             const std::string& of = "default") {
        return "/api/v2/organizations/" + of +
               "/provisionerdaemons/serve?provisioner=terraform&version=1.14&name=" + name + tags;
    }
    /// Without a session; no header when `name` is empty.
    Answer get_with(const std::string& target, const std::string& name, const std::string& value) {
        http::Request request;
        request.method = http::Method::get;
        request.target = target;
        auto question = request.target.find('?');
        request.path = request.target.substr(0, question);
        if (question != std::string::npos)
            request.query = *http::Query::parse(request.target.substr(question + 1));
        if (!name.empty()) request.headers.set(name, value);
        return api.send(std::move(request));
    }
    Answer serve_with_psk(const std::string& of) {
        return get_with(serve("shared-" + of, "", of), "Coder-Provisioner-Daemon-PSK", "a-pre-shared-key");
    }
    std::string add_key(const std::string& name, const std::string& of) {
        auto made = api.post("/api/v2/organizations/" + of + "/provisionerkeys", api.owner.token,
                             R"({"name": ")" + name + R"(", "tags": {"region": "eu"}})");
        EXPECT_EQ(made.status, 201u) << made.text;
        return made["key"];
    }
    std::string owner_of(const std::string& daemon) {
        return api.sql("SELECT tags ->> 'owner' FROM provisioner_daemons WHERE name = '" + daemon + "'");
    }
    Uuid add_daemon(const std::string& name, std::chrono::seconds silent,
                    const std::string& tags = R"({"scope": "organization", "owner": ""})") {
        auto id = Uuid::random();
        api.sql(
            "INSERT INTO provisioner_daemons (id, created_at, organization_id, key_id, name, provisioners, "
            "tags, "
            "last_seen_at) VALUES (" +
            quoted(id) + ", clock_timestamp(), " + quoted(api.organization) +
            ", '00000000-0000-0000-0000-000000000001', '" + name + "', '{terraform}', '" + tags + "', '" +
            base::format_rfc3339(api.clock.now() - silent) + "')");
        return id;
    }
    /// The members' names of a list, or its wrong fields.
    std::string names(const std::string& target, std::string_view member, const Person& who) {
        auto answer = api.get(organization + target, who.token);
        if (!answer.json.is_array()) return "! " + answer.bad_fields();
        std::string text;
        for (const auto& item : answer.json.as_array())
            text += (text.empty() ? "" : " ") +
                    std::string(item.at(boost::json::string_view(member.data(), member.size())).as_string());
        return text;
    }
};

TEST_F(ProvisionerRoutesTest, MembersServeThemselvesAlone) {
    auto shared = api.get(serve("a", "&tag=scope%3Dorganization"), mary.token);
    EXPECT_EQ(shared.status, 403u) << shared.text;
    EXPECT_NE(shared.message(), "");
    EXPECT_EQ(api.get(serve("a", ""), mary.token).status, 403u);
    // Somebody else's id is not taken for granted.
    auto own = api.get(serve("mine", "&tag=scope%3Duser&tag=owner%3D" + theo.id.to_string()), mary.token);
    EXPECT_TRUE(admitted(own)) << own.text;
    EXPECT_EQ(owner_of("mine"), mary.id.to_string());
    EXPECT_TRUE(admitted(api.get(serve("ours", ""), theo.token)));
    EXPECT_EQ(owner_of("ours"), "");
    // Not a member there.
    EXPECT_EQ(api.get(serve("far", "&tag=scope%3Duser", "other"), mary.token).status, 404u);
    // A key that may only read does not serve.
    auto narrow = api.add_token(mary.id, "{workspace:read}");
    EXPECT_EQ(api.get(serve("b", "&tag=scope%3Duser"), narrow).status / 100, 4u);
    EXPECT_EQ(api.sql("SELECT count(*) FROM provisioner_daemons"), "2");
}

TEST_F(ProvisionerRoutesTest, ThePreSharedKeyOpensTheDefaultOrganizationOnly) {
    auto elsewhere = serve_with_psk("other");
    EXPECT_EQ(elsewhere.status, 401u) << elsewhere.text;
    EXPECT_NE(elsewhere.message().find("default organization"), std::string::npos);
    EXPECT_TRUE(admitted(serve_with_psk("coder")));
    EXPECT_EQ(api.sql("SELECT string_agg(name, ' ') FROM provisioner_daemons"), "shared-coder");
}

TEST_F(ProvisionerRoutesTest, AKeyOpensItsOwnOrganizationAndShowsItself) {
    const std::string header = "Coder-Provisioner-Daemon-Key";
    auto key = add_key("far", "other");
    auto here = add_key("near", "default");
    struct Case {
        std::string header;
        std::string value;
        unsigned status;
        std::string name;
    };
    for (const auto& [name, value, status, shown] : {
             Case{"", "", 401, ""},
             Case{header, "", 401, ""},
             Case{header, "unknown", 401, ""},
             Case{header, "a-pre-shared-key", 401, ""},
             Case{header, api.owner.token, 401, ""},
             Case{"Coder-Session-Token", api.owner.token, 401, ""},
             Case{header, key, 200, "far"},
             Case{header, here, 200, "near"},
         }) {
        auto answer = get_with("/api/v2/provisionerkeys/" + (value.empty() ? "x" : value), name, value);
        EXPECT_EQ(answer.status, status) << answer.text;
        EXPECT_EQ(answer["name"], shown);
        if (status == 200) {
            EXPECT_EQ(answer.json.at("tags").at("region"), "eu");
        }
    }
    // Coder's daemon does not know where its key belongs.
    EXPECT_TRUE(admitted(get_with(serve("a", ""), header, key)));
    EXPECT_TRUE(admitted(get_with(serve("b", "", Uuid().to_string()), header, key)));
    EXPECT_TRUE(admitted(get_with(serve("c", "", "other"), header, key)));
    EXPECT_EQ(get_with(serve("d", "", "coder"), header, key).status, 401u);
    EXPECT_EQ(
        api.sql(
            "SELECT string_agg(d.name || ' ' || o.name, ', ' ORDER BY d.name) FROM provisioner_daemons AS d "
            "JOIN organizations AS o ON o.id = d.organization_id"),
        "a other, b other, c other");
}

TEST_F(ProvisionerRoutesTest, KeysAreListedWithTheDaemonsThatAreThere) {
    auto key = add_key("far", "other");
    EXPECT_TRUE(admitted(get_with(serve("gone", ""), "Coder-Provisioner-Daemon-Key", key)));
    api.clock.advance(std::chrono::minutes(2));
    EXPECT_TRUE(admitted(get_with(serve("here", ""), "Coder-Provisioner-Daemon-Key", key)));
    add_daemon("own", std::chrono::seconds(1));
    auto daemons = [&](const std::string& of, const Person& who) {
        auto answer = api.get("/api/v2/organizations/" + of + "/provisionerkeys/daemons", who.token);
        std::string text;
        if (!answer.json.is_array()) return std::to_string(answer.status);
        for (const auto& each : answer.json.as_array()) {
            text += (text.empty() ? "" : ", ") + std::string(each.at("key").at("name").as_string());
            for (const auto& daemon : each.at("daemons").as_array())
                text += " " + std::string(daemon.at("name").as_string());
        }
        return text;
    };
    EXPECT_EQ(daemons("default", api.owner), "built-in own, user-auth, psk");
    EXPECT_EQ(daemons("other", api.owner), "far here, user-auth");
    EXPECT_EQ(daemons("default", mary), "user-auth")
        << "other people's machines are none of a member's business";
    EXPECT_EQ(daemons("nowhere", api.owner), "404");
    EXPECT_EQ(api.del("/api/v2/organizations/other/provisionerkeys/daemons", api.owner.token).status, 404u);
}

TEST_F(ProvisionerRoutesTest, TheNameOfADaemonWithAnotherKeyIsNotTaken) {
    ASSERT_TRUE(admitted(serve_with_psk("coder")));
    auto id = api.sql("SELECT id FROM provisioner_daemons");
    EXPECT_TRUE(admitted(serve_with_psk("coder"))) << "it comes back";
    auto other = api.sql(
        "INSERT INTO provisioner_keys (id, created_at, organization_id, name, hashed_secret, tags) "
        "SELECT gen_random_uuid(), now(), organization_id, 'other', 'x', '{}' "
        "FROM provisioner_daemons RETURNING id");
    auto seen = [&](const std::string& key, const std::string& ago) {
        api.sql("UPDATE provisioner_daemons SET key_id = '" + key + "', last_seen_at = to_timestamp(" +
                std::to_string(api.clock.now().time_since_epoch() / std::chrono::seconds(1)) +
                ") - interval '" + ago + "'");
    };
    seen(other, "10 seconds");
    auto refused = serve_with_psk("coder");
    EXPECT_EQ(refused.status, 409u) << refused.text;
    seen(builtin_key_id().to_string(), "1 day");
    EXPECT_EQ(serve_with_psk("coder").status, 409u) << "the server's own come back";
    seen(other, "10 minutes");
    EXPECT_TRUE(admitted(serve_with_psk("coder"))) << "the other is gone";
    EXPECT_EQ(api.sql("SELECT id FROM provisioner_daemons"), id);
}

TEST_F(ProvisionerRoutesTest, DaemonsAreFilteredBeforeTheyAreCounted) {
    add_daemon("gone", std::chrono::hours(1));
    auto busy = add_daemon("busy", std::chrono::seconds(5));
    add_daemon("idle", std::chrono::seconds(80));
    auto job = api.add_import_job();
    api.sql("UPDATE provisioner_jobs SET started_at = now(), worker_id = " + quoted(busy));
    struct Case {
        const char* query;
        const char* names;
    };
    for (auto [query, expected] : {
             Case{"status=wild", "! status"},
             Case{"offline=perhaps", "! offline"},
             Case{"limit=-1", "! limit"},
             Case{"max_age=old", "! max_age"},
             Case{"", "busy idle"},
             Case{"limit=1", "busy"},
             Case{"limit=1&status=idle", "idle"},
             Case{"status=offline", "gone"},
             Case{"status=idle,offline", "gone idle"},
             Case{"offline=true", "gone busy idle"},
             Case{"max_age=1m", "busy"},
             Case{"max_age=2h", "gone busy idle"},
         })
        EXPECT_EQ(names(std::string("provisionerdaemons?") + query, "name", theo), expected) << query;
    auto shown = api.get(organization + "provisionerdaemons?status=busy", theo.token);
    EXPECT_EQ(shown.json.at(0).at("status"), "busy");
    EXPECT_EQ(shown.json.at(0).at("current_job").at("id"), boost::json::value(job.to_string()));
    // Other people's machines are none of a member's business.
    EXPECT_EQ(names("provisionerdaemons?offline=true", "name", mary), "");
}

TEST_F(ProvisionerRoutesTest, JobsAreFiltered) {
    auto plain = api.add_import_job().to_string();
    auto gpu = api.add_import_job(R"({"scope": "organization", "owner": "", "gpu": "1"})").to_string();
    api.sql("UPDATE provisioner_jobs SET created_at = now() - interval '1 hour', initiator_id = " +
            quoted(mary.id) + ", started_at = now() WHERE id = '" + plain + "'");
    struct Case {
        std::string query;
        std::string ids;
    };
    for (const auto& [query, expected] : {
             Case{"status=wild", "! status"},
             Case{"ids=x", "! ids"},
             Case{"tags=x", "! tags"},
             Case{"limit=x", "! limit"},
             Case{"initiator=nobody", "! initiator"},
             Case{"", gpu + " " + plain},
             Case{"limit=1", gpu},
             Case{"status=pending", gpu},
             Case{"status=running,failed", plain},
             Case{"ids=" + plain, plain},
             Case{"tags=%7B%22gpu%22%3A%221%22%7D", gpu},
             Case{"initiator=mary", plain},
             Case{"initiator=" + mary.id.to_string(), plain},
             Case{"initiator=me", ""},
         })
        EXPECT_EQ(names("provisionerjobs?" + query, "id", theo), expected) << query;
}

TEST_F(ProvisionerRoutesTest, PeopleGoBeforePoolsAndThenTheOldestFirst) {
    std::map<Uuid, std::string> names;
    auto add = [&](const std::string& name, int priority, int age) {
        auto id = api.add_import_job();
        names[id] = name;
        api.sql("UPDATE provisioner_jobs SET priority = " + std::to_string(priority) +
                ", created_at = now() - interval '" + std::to_string(age) +
                " minutes' WHERE id = " + quoted(id));
    };
    add_daemon("here", std::chrono::seconds(0));
    add("old prebuild", prebuild_priority, 90);
    add("young person", 0, 5);
    add("older prebuild", prebuild_priority, 95);
    add("old person", 0, 30);
    const std::vector<std::string> wanted{"old person", "young person", "older prebuild", "old prebuild"};

    std::vector<std::string> shown(wanted.size());
    auto waiting = api.get(organization + "provisionerjobs?status=pending", theo.token);
    for (const auto& job : waiting.json.as_array()) {
        EXPECT_EQ(job.at("queue_size"), 4);
        auto place = static_cast<std::size_t>(job.at("queue_position").as_int64());
        ASSERT_TRUE(place >= 1 && place <= shown.size()) << waiting.text;
        shown[place - 1] = names[*Uuid::parse(std::string(job.at("id").as_string()))];
    }
    EXPECT_EQ(shown, wanted);

    db::AcquireProvisionerJobsParams params;
    params.started_at = api.clock.now();
    params.organization_id = api.organization;
    params.provisioners = {db::ProvisionerType::terraform};
    params.daemon_tags = R"({"scope": "organization", "owner": ""})";
    const auto& daemon = rbac::Actor::system(rbac::SystemActor::provisionerd);
    std::vector<std::string> taken(wanted.size());
    // Alone, with others, and with more than there are jobs.
    for (std::size_t workers : {1u, 2u, 5u}) {
        auto before = static_cast<std::size_t>(
            std::count_if(taken.begin(), taken.end(), std::not_fn(&std::string::empty)));
        params.worker_ids.clear();
        for (std::size_t i = 0; i < workers; ++i)
            params.worker_ids.push_back(Uuid::random());
        auto jobs = api.runtime.run(api.context.store.acquire_provisioner_jobs(daemon, params));
        ASSERT_TRUE(jobs) << jobs.error().to_string();
        EXPECT_EQ(jobs->size(), std::min(workers, wanted.size() - before));
        for (const auto& row : *jobs) {
            auto place = static_cast<std::size_t>(row.place) - 1;
            ASSERT_LT(before + place, taken.size());
            taken[before + place] = names[row.provisioner_job_table.id];
            EXPECT_EQ(row.provisioner_job_table.worker_id, params.worker_ids[place]);
        }
    }
    EXPECT_EQ(taken, wanted);
}

TEST_F(ProvisionerRoutesTest, WaitingJobsTellWhoCouldDoThem) {
    auto made = api.add_shared_template("docker");
    auto build = api.add_workspace(made, "dev");
    const std::string one = "/api/v2/workspacebuilds/" + build.build_id.to_string();
    auto alone = api.get(one, api.owner.token);
    EXPECT_EQ(alone.json.at("matched_provisioners").at("count"), 0) << alone.text;
    add_daemon("gone", std::chrono::hours(1));
    add_daemon("here", std::chrono::seconds(5));
    add_daemon("special", std::chrono::seconds(5), R"({"scope": "organization", "owner": "", "gpu": "1"})");
    auto version_job = api.add_import_job();
    auto version = api.sql("SELECT id FROM template_versions WHERE job_id = " + quoted(version_job));
    for (const std::string& target : {one, "/api/v2/templateversions/" + version,
                                      "/api/v2/workspaces/" + build.workspace_id.to_string()}) {
        auto answer = api.get(target, api.owner.token);
        const auto* holder = &answer.json.as_object();
        if (const auto* latest = holder->if_contains("latest_build")) holder = &latest->as_object();
        const auto& matched = holder->at("matched_provisioners");
        EXPECT_EQ(matched.at("count"), 2) << answer.text;
        EXPECT_EQ(matched.at("available"), 1) << target;
        EXPECT_TRUE(matched.at("most_recently_seen").is_string()) << target;
    }
}

TEST_F(ProvisionerRoutesTest, OnlyJobsThatWaitNameTheDaemonsThatCouldTakeThem) {
    auto here = add_daemon("here", std::chrono::seconds(5)).to_string();
    add_daemon("special", std::chrono::seconds(5), R"({"scope": "organization", "owner": "", "gpu": "1"})");
    struct Case {
        std::string state;
        std::string workers;
    };
    for (const auto& [state, workers] : {
             Case{"started_at = NULL", here},
             Case{"started_at = now()", ""},
             Case{"started_at = now(), completed_at = now()", ""},
             Case{"canceled_at = now(), completed_at = now()", ""},
         }) {
        auto id = api.add_import_job().to_string();
        api.sql("UPDATE provisioner_jobs SET " + state + " WHERE id = '" + id + "'");
        auto list = api.get(organization + "provisionerjobs?ids=" + id, theo.token);
        ASSERT_TRUE(list.json.is_array() && list.json.as_array().size() == 1) << list.text;
        auto one = api.get(organization + "provisionerjobs/" + id, theo.token);
        for (const auto* job : {&list.json.at(0).as_object(), &one.json.as_object()}) {
            std::string named;
            if (const auto* shown = job->if_contains("available_workers"))
                for (const auto& worker : shown->as_array())
                    named += std::string(worker.as_string());
            EXPECT_EQ(named, workers) << state;
        }
    }
}

}  // namespace
}  // namespace berth::coderd
