#include <boost/json.hpp>

#include "base/version.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/output.h"

namespace berth::cli {
namespace {

asio::awaitable<Result<void>> version(Session& session, std::shared_ptr<OutputFormat> output) {
    if (!output->json()) {
        session.print("berth " + std::string(base::version) + "\n");
        co_return Result<void>();
    }
    boost::json::object object{{"version", base::version},
                               {"build_time", ""},
                               {"external_url", ""},
                               {"slim", false},
                               {"agpl", false},
                               {"boring_crypto", false}};
    session.print(pretty_json(boost::json::serialize(object)) + "\n");
    co_return Result<void>();
}

}  // namespace

void add_version(Commands& commands) {
    auto output = std::make_shared<OutputFormat>();
    auto* command = commands.add(commands.root(), "version", "Show the version");
    output->add_to(command);
    commands.on_run(command, [output](Session& session) { return version(session, output); });
}

}  // namespace berth::cli
