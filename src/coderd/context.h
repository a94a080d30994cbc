#pragma once

#include "base/clock.h"
#include "base/log.h"
#include "coderd/dbcrypt/vault.h"
#include "coderd/options.h"
#include "coderd/parameters/evaluator.h"
#include "coderd/templates/tag_reader.h"
#include "db/pubsub.h"
#include "db/store.h"
#include "net/runtime.h"

namespace berth::coderd {

/// What every noun of the control plane works with; lives as long as the server.
struct Context {
    const ServerOptions& options;
    net::Runtime& runtime;
    base::Clock& clock;
    db::Store& store;
    db::Pubsub& pubsub;
    /// Opens and seals the secrets in the database.
    const Vault& vault;
    base::Logger log;
    /// Null on a server without terraform.
    ParameterEvaluator* evaluator = nullptr;
    /// Null in tests of what does not need it.
    TagReader* tag_reader = nullptr;
};

}  // namespace berth::coderd
