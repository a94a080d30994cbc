#include "provisioner/terraform/session_testing.h"

#include <cstdlib>
#include <regex>
#include <stdexcept>

#include <archive.h>
#include <archive_entry.h>
#include <boost/asio/redirect_error.hpp>
#include <google/protobuf/util/json_util.h>
#include <stdlib.h>

#include "base/crypto.h"
#include "base/init_script.h"
#include "base/text.h"
#include "net/task_group.h"
#include "provisioner/terraform/files.h"

namespace berth::terraform {

namespace fs = std::filesystem;
namespace json = boost::json;
namespace pb = ::provisioner;

asio::awaitable<void> FakeDaemon::wait() {
    boost::system::error_code ignored;
    co_await changed_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

asio::awaitable<Result<std::optional<pb::Request>>> FakeDaemon::recv() {
    while (requests_.empty() && !finished_)
        co_await wait();
    if (requests_.empty()) co_return std::optional<pb::Request>();
    std::optional<pb::Request> request(std::move(requests_.front()));
    requests_.pop_front();
    co_return std::move(request);
}

asio::awaitable<Result<void>> FakeDaemon::send(pb::Response response) {
    responses_.push_back(std::move(response));
    changed_.cancel();
    co_return Result<void>();
}

void FakeDaemon::push(pb::Request request) {
    requests_.push_back(std::move(request));
    changed_.cancel();
}

void FakeDaemon::finish() {
    finished_ = true;
    changed_.cancel();
}

void FakeDaemon::session_ended() {
    ended_ = true;
    changed_.cancel();
}

asio::awaitable<pb::Response> FakeDaemon::response() {
    while (true) {
        while (responses_.empty() && !ended_)
            co_await wait();
        if (responses_.empty()) co_return pb::Response();
        auto response = std::move(responses_.front());
        responses_.pop_front();
        if (!response.has_log()) co_return response;
        logs.push_back(response.log());
    }
}

asio::awaitable<bool> FakeDaemon::log_with(std::string text) {
    while (true) {
        while (responses_.empty() && !ended_)
            co_await wait();
        if (responses_.empty() || !responses_.front().has_log()) co_return false;
        logs.push_back(responses_.front().log());
        responses_.pop_front();
        if (logs.back().output().find(text) != std::string::npos) co_return true;
    }
}

std::string FakeDaemon::log_text() const {
    std::string text;
    for (const auto& log : logs)
        text += log.output() + "\n";
    return text;
}

TempFolder::TempFolder() {
    char name[] = "/tmp/berth-tf-XXXXXX";
    if (::mkdtemp(name) == nullptr) throw std::runtime_error("cannot make a temporary folder");
    path_ = name;
}

TempFolder::~TempFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

void write_all(const TempFolder& folder, const std::vector<std::pair<std::string, std::string>>& files) {
    for (const auto& [name, content] : files)
        if (auto written = write_private_file(folder.path() / name, content); !written)
            throw std::runtime_error(written.error().to_string());
}

std::string provider_mirror() {
    const char* variable = std::getenv("BERTH_TEST_PROVIDER_MIRROR");
    fs::path path = variable == nullptr || *variable == '\0' ? "/tmp/berth-mirror" : variable;
    if (fs::is_directory(path)) path /= "terraform.rc";
    if (!fs::exists(path))
        throw std::runtime_error(
            "there is no provider mirror at " + path.string() +
            ": run tools/make_provider_mirror DIR and set BERTH_TEST_PROVIDER_MIRROR=DIR");
    return path.string();
}

SessionOptions test_options(net::Runtime& runtime, const fs::path& root) {
    SessionOptions options;
    options.host_environment.push_back("TF_CLI_CONFIG_FILE=" + provider_mirror());
    options.host_environment.push_back("CODER_WORKSPACE_NAME=from-the-host");
    auto terraform = runtime.run(find_terraform({}, options.host_environment));
    if (!terraform) throw std::runtime_error(terraform.error().to_string());
    options.terraform = *terraform;
    options.work_root = root;
    options.init_script = base::init_script;
    return options;
}

namespace {

struct Setup {
    FakeDaemon& daemon;
    const SessionOptions& options;
    const std::function<asio::awaitable<void>(FakeDaemon&)>& script;
    Result<void> result;
};

asio::awaitable<void> serve(Setup& setup) {
    auto result = co_await serve_session(setup.daemon, setup.options);
    setup.result = std::move(result);
    setup.daemon.session_ended();
}

asio::awaitable<void> play(net::TaskGroup& group, Setup& setup) {
    group.spawn("session", serve(setup));
    co_await setup.script(setup.daemon);
    setup.daemon.finish();
    while (true) {
        auto rest = co_await setup.daemon.response();
        if (rest.type_case() == pb::Response::TYPE_NOT_SET) break;
    }
}

asio::awaitable<void> run_scope(Setup& setup) {
    co_await net::TaskGroup::scope(base::Logger("test"), play, std::ref(setup));
}

}  // namespace

Result<void> with_session(net::Runtime& runtime, const SessionOptions& options,
                          const std::function<asio::awaitable<void>(FakeDaemon&)>& script) {
    FakeDaemon daemon(runtime.executor());
    Setup setup{daemon, options, script, {}};
    runtime.run(run_scope(setup));
    return setup.result;
}

std::string tar_of(const std::vector<std::pair<std::string, std::string>>& files) {
    std::string out;
    auto* writer = archive_write_new();
    archive_write_set_format_pax_restricted(writer);
    archive_write_open(
        writer, &out, nullptr,
        [](struct archive*, void* to, const void* data, size_t size) {
            static_cast<std::string*>(to)->append(static_cast<const char*>(data), size);
            return static_cast<la_ssize_t>(size);
        },
        nullptr);
    for (const auto& [name, content] : files) {
        auto* entry = archive_entry_new();
        archive_entry_set_pathname(entry, name.c_str());
        archive_entry_set_filetype(entry, AE_IFREG);
        archive_entry_set_perm(entry, 0644);
        archive_entry_set_size(entry, static_cast<la_int64_t>(content.size()));
        archive_write_header(writer, entry);
        archive_write_data(writer, content.data(), content.size());
        archive_entry_free(entry);
    }
    archive_write_close(writer);
    archive_write_free(writer);
    return out;
}

std::string tar_of(const fs::path& folder) {
    std::vector<std::pair<std::string, std::string>> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        if (!entry.is_regular_file()) continue;
        auto content = read_file(entry.path(), 16 << 20);
        if (!content) throw std::runtime_error(content.error().to_string());
        files.emplace_back(entry.path().lexically_relative(folder).string(), *content);
    }
    std::sort(files.begin(), files.end());
    return tar_of(files);
}

std::string raw_hash(const std::string& data) {
    auto hash = base::sha256(data);
    return {hash.begin(), hash.end()};
}

bool alive(pid_t pid) {
    auto stat = read_file("/proc/" + std::to_string(pid) + "/stat", 4096);
    return stat.ok() && stat->find(") Z ") == std::string::npos;
}

pid_t read_pid(const std::filesystem::path& path) {
    auto text = read_file(path, 100);
    auto pid = text.ok() ? base::parse_int<pid_t>(base::trim(*text)) : std::nullopt;
    return pid.value_or(0);
}

pb::Request config_request(const std::string& level) {
    pb::Request request;
    request.mutable_config()->set_provisioner_log_level(level);
    return request;
}

pb::Request init_request(std::string archive) {
    pb::Request request;
    request.mutable_init()->set_template_source_archive(std::move(archive));
    return request;
}

pb::Metadata test_metadata(pb::WorkspaceTransition transition) {
    pb::Metadata metadata;
    metadata.set_coder_url("http://127.0.0.1:3000");
    metadata.set_workspace_transition(transition);
    metadata.set_workspace_name("demo");
    metadata.set_workspace_owner("alice");
    metadata.set_workspace_owner_email("alice@example.com");
    metadata.set_workspace_owner_session_token("session-token-of-alice");
    return metadata;
}

pb::Request plan_request(pb::WorkspaceTransition transition, std::string state) {
    pb::Request request;
    *request.mutable_plan()->mutable_metadata() = test_metadata(transition);
    request.mutable_plan()->set_state(std::move(state));
    return request;
}

pb::Request graph_request(pb::GraphSource source) {
    pb::Request request;
    request.mutable_graph()->set_source(source);
    return request;
}

pb::Request apply_request(pb::WorkspaceTransition transition) {
    pb::Request request;
    *request.mutable_apply()->mutable_metadata() = test_metadata(transition);
    return request;
}

json::value masked_json(const google::protobuf::Message& message) {
    google::protobuf::util::JsonPrintOptions options;
    options.preserve_proto_field_names = true;
    std::string text;
    if (!google::protobuf::util::MessageToJsonString(message, &text, options).ok())
        throw std::runtime_error("cannot print a message as JSON");
    static const std::regex uuid("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
    auto value = json::parse(std::regex_replace(text, uuid, "<uuid>"));
    if (value.is_object()) value.get_object().erase("timings");
    return value;
}

namespace {

void print(std::string& out, const json::value& value, int indent) {
    std::string space(static_cast<std::size_t>(indent) * 2, ' ');
    auto inner = space + "  ";
    if (value.is_object() && !value.get_object().empty()) {
        std::map<std::string, const json::value*> members;
        for (const auto& member : value.get_object())
            members[std::string(member.key())] = &member.value();
        out += "{";
        bool first = true;
        for (const auto& [key, member] : members) {
            out += (first ? "\n" : ",\n") + inner + json::serialize(json::string(key)) + ": ";
            print(out, *member, indent + 1);
            first = false;
        }
        out += "\n" + space + "}";
    } else if (value.is_array() && !value.get_array().empty()) {
        out += "[";
        bool first = true;
        for (const auto& item : value.get_array()) {
            out += (first ? "\n" : ",\n") + inner;
            print(out, item, indent + 1);
            first = false;
        }
        out += "\n" + space + "]";
    } else {
        out += json::serialize(value);
    }
}

}  // namespace

std::string pretty(const json::value& value) {
    std::string out;
    print(out, value, 0);
    return out + "\n";
}

}  // namespace berth::terraform
