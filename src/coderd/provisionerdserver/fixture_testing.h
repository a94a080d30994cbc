#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "coderd/context.h"
#include "coderd/options.h"
#include "coderd/provisionerdserver/server.h"
#include "db/db_testing.h"
#include "net/drpc/client.h"
#include "rpc/provisionerd.h"

namespace berth::coderd::testing {

/// A server's parts on one loop, a database of its own, and one user who may do everything.
class Fixture {
public:
    Fixture();

    /// Ids of what the SQL below made.
    Uuid add_file(const std::string& hex_data = "00");
    Uuid add_import_job(const std::string& tags = R"({"scope": "organization", "owner": ""})",
                        const std::string& more_input = "");
    /// A template with one imported version.
    struct Imported {
        Uuid template_id;
        Uuid version_id;
        Uuid job_id;
    };
    Imported add_template(const std::string& name);
    /// One more imported version of it.
    Uuid add_version(const Imported& to);
    struct Build {
        Uuid workspace_id;
        Uuid build_id;
        Uuid job_id;
    };
    Build add_workspace(const Imported& from, const std::string& name);
    Build add_build(const Imported& from, const Uuid& workspace_id, int number,
                    const std::string& transition);

    std::string sql(const std::string& text) { return database.sql(text); }
    std::string job_status(const Uuid& job);

    net::Runtime runtime{1};
    db::testing::TestDatabase database{runtime};
    base::FakeClock clock;
    ServerOptions options;
    Vault vault;
    Context context;
    Uuid user;
    Uuid organization;
};

/// A daemon's end of the wire.
struct ScriptedDaemon {
    yamux::SessionPtr session;
    drpc::Client client;
};
/// Connected over a socketpair, like the server's own daemons; all of it runs in `group`.
ScriptedDaemon connect_daemon(net::TaskGroup& group, ProvisionerdServer& server, const std::string& name,
                              Tags tags = {});

/// SQL blocks its thread until the test's loop has answered: inside a coroutine it runs on the workers.
asio::awaitable<std::string> sql(Fixture& fixture, std::string text);

/// Plays a daemon that is connected to a running server.
using Script = asio::awaitable<void> (*)(Fixture&, ProvisionerdServer&, net::TaskGroup&, ScriptedDaemon&);
void with_daemon(Fixture& fixture, Script script);

/// Waits for a job; not_found when the server has none after all.
asio::awaitable<Result<::provisionerd::AcquiredJob>> acquire(ScriptedDaemon& daemon);

}  // namespace berth::coderd::testing
