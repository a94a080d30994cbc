#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "provisioner/terraform/archive.h"
#include "provisioner/terraform/modules.h"
#include "provisioner/terraform/parse.h"
#include "provisioner/terraform/questions.h"
#include "provisioner/terraform/session_state.h"
#include "provisioner/terraform/template_folder.h"
#include "rpc/file_transfer.h"

namespace berth::terraform {
namespace {

namespace fs = std::filesystem;
namespace pb = ::provisioner;

/// Files up to this size travel inside InitComplete.
constexpr std::size_t max_inline = 2 << 20;
constexpr const char* prepared_folder = "prepared folder";

Result<pb::ParseComplete> parse_with_questions(const fs::path& folder, bool tofu) {
    auto parsed = parse_template(folder, tofu);
    if (!parsed) return parsed;
    auto questions = find_questions(folder, tofu);
    // A module that cannot be read is terraform's to complain about.
    bool literal = questions && std::all_of(questions->begin(), questions->end(),
                                            [](const QuestionBlock& block) { return block.literal; });
    parsed->set_static_parameters(literal);
    return parsed;
}

Result<void> list_modules(const fs::path& folder, pb::InitComplete& complete) {
    auto modules = installed_modules(folder);
    if (!modules) return modules.error();
    for (auto& module : *modules)
        *complete.add_modules() = std::move(module);
    return {};
}

}  // namespace

std::unique_ptr<Executor> Session::executor() {
    ExecutorOptions options{options_.terraform, folder_->source(), options_.cancel_grace};
    return std::make_unique<Executor>(std::move(options), *this, cancel_, *options_.clock);
}

Environment Session::plain_environment() const {
    auto environment = base_;
    if (debugging()) environment["TF_LOG"] = "TRACE";
    return environment;
}

asio::awaitable<pb::ParseComplete> Session::parse() {
    pb::ParseComplete failed;
    if (!folder_) {
        failed.set_error("there is no template to parse: init comes first");
        co_return failed;
    }
    auto folder = folder_->source();
    auto tofu = options_.terraform.tofu;
    auto work = [folder, tofu] { return parse_with_questions(folder, tofu); };
    auto parsed = co_await offload(std::move(work));
    if (parsed) co_return std::move(*parsed);
    failed.set_error(parsed.error().message());
    co_return failed;
}

asio::awaitable<pb::InitComplete> Session::init(pb::InitRequest request) {
    pb::InitComplete complete;
    bool asks = !request.prepared_version_id().empty() && request.template_source_archive().empty();
    Result<void> done;
    if (asks) {
        done = co_await reuse(std::move(*request.mutable_prepared_version_id()), complete);
    } else {
        done = co_await initialize_anew(std::move(request), complete);
    }
    initialized_ = done.ok() && !complete.not_prepared();
    if (!done) complete.set_error(done.error().message());
    co_return complete;
}

asio::awaitable<Result<void>> Session::reuse(std::string version, pb::InitComplete& complete) {
    complete.set_not_prepared(true);
    auto prepared = options_.prepared;
    if (!prepared || !prepared->has(version)) co_return Result<void>();
    auto begun = co_await begin_folder();
    if (!begun) co_return begun;
    Timings timings("init", options_.clock->now());
    auto source = folder_->source();
    auto work = [prepared, version, source] { return prepared->copy_to(version, source); };
    bool copied = co_await offload(std::move(work));
    if (!copied) co_return Result<void>();
    complete.set_not_prepared(false);
    set_timings(complete, timings.finish(options_.clock->now(), true, "initializing", prepared_folder));
    co_await log(pb::INFO, "The template version was initialized here before: its folder is used again.");
    auto listed = list_modules(source, complete);
    co_return listed;
}

asio::awaitable<Result<void>> Session::initialize_anew(pb::InitRequest request, pb::InitComplete& complete) {
    auto done = co_await prepare(request);
    if (!done) co_return done;
    done = co_await run_init(complete);
    if (!done) co_return done;
    // Now, while nothing of the build is in it.
    if (!request.prepared_version_id().empty()) co_await keep_prepared(request.prepared_version_id());
    done = co_await send_modules(request, complete);
    co_return done;
}

asio::awaitable<void> Session::keep_prepared(std::string version) {
    auto prepared = options_.prepared;
    // Providers other than the import's are a makeshift, which the next build should not have to take.
    if (!prepared || makeshift_) co_return;
    auto source = folder_->source();
    auto work = [prepared, version, source] { return prepared->keep(version, source); };
    auto kept = co_await offload(std::move(work));
    if (!kept)
        co_await log(pb::WARN,
                     "The initialized folder cannot be kept for the next build: " + kept.error().message());
}

asio::awaitable<Result<void>> Session::begin_folder() {
    provider_.reset();
    graph_.reset();
    planned_.reset();
    co_await drop_folder();
    auto folder = WorkFolder::create(options_.work_root, name_);
    if (!folder) co_return folder.error();
    folder_ = std::move(*folder);
    if (debugging() && folder_->keep_for_people())
        co_await log(pb::INFO, "The files of this build stay on the provisioner's machine, in " +
                                   folder_->place_for_people().string());
    co_return Result<void>();
}

asio::awaitable<Result<void>> Session::prepare(pb::InitRequest& request) {
    std::string modules;
    if (!request.initial_module_tar_hash().empty()) {
        auto received = co_await receive_modules(request.initial_module_tar_hash());
        if (!received) co_return received.error();
        modules = std::move(*received);
    }
    if (cancel_.cancelled()) co_return cancelled("the build was cancelled");
    auto begun = co_await begin_folder();
    if (!begun) co_return begun;
    auto source = folder_->source();
    auto archive = std::move(*request.mutable_template_source_archive());
    auto limits = options_.archive_limits;
    auto work = [source, archive, modules, limits] {
        return unpack_template(source, archive, modules, limits);
    };
    auto unpacked = co_await offload(std::move(work));
    std::error_code ignored;
    pinned_ = !modules.empty() && fs::exists(source / lock_file, ignored);
    co_return unpacked;
}

asio::awaitable<Result<std::string>> Session::receive_modules(std::string hash) {
    rpc::FileAssembler file(2 * options_.module_limit);
    while (true) {
        auto request = co_await next();
        if (!request) co_return cancelled("the session ended before the template's modules arrived");
        if (!request->has_file())
            co_return invalid_argument("the template's modules were announced but not sent");
        auto complete = file.add(request->file());
        if (!complete) co_return complete.error().wrap("the template's stored modules");
        if (file.hash() != hash)
            co_return invalid_argument("the template's modules are not those that were announced");
        if (*complete) co_return std::move(file).take();
    }
}

asio::awaitable<Result<CommandResult>> Session::initialize(pb::InitComplete& complete) {
    auto args = init_command(options_.terraform);
    Timings timings("init", options_.clock->now());
    auto terraform = executor();
    auto result = co_await terraform->run(std::move(args), plain_environment(), timings);
    bool ok = result && result->ok();
    set_timings(complete, timings.finish(options_.clock->now(), ok, "initializing", "modules and providers"));
    co_return result;
}

asio::awaitable<Result<void>> Session::run_init(pb::InitComplete& complete) {
    makeshift_ = false;
    auto result = co_await initialize(complete);
    if (result && !result->ok() && !result->cancelled && pinned_) {
        co_await log(pb::WARN,
                     "The providers that the template's import chose cannot be installed here. "
                     "Others that fit the template are.");
        std::error_code ignored;
        fs::remove(folder_->source() / lock_file, ignored);
        makeshift_ = true;
        result = co_await initialize(complete);
    }
    if (!result) co_return result.error();
    if (!result->ok()) co_return internal_error(result->failure("terraform init"));
    auto listed = list_modules(folder_->source(), complete);
    co_return listed;
}

asio::awaitable<Result<void>> Session::send_modules(const pb::InitRequest& request,
                                                    pb::InitComplete& complete) {
    if (request.omit_module_files()) co_return Result<void>();
    auto folder = folder_->source();
    auto limit = options_.module_limit;
    auto work = [folder, limit] { return pack_modules(folder, limit); };
    auto packed = co_await offload(std::move(work));
    if (!packed) co_return packed.error();
    for (const auto& key : packed->dropped)
        co_await log(
            pb::WARN,
            fmt::format("Module \"{}\" is not stored with the template, because all modules together are "
                        "larger than {} MiB: every build installs it again.",
                        key, limit >> 20));
    if (packed->tar.empty() || packed->hash == request.initial_module_tar_hash()) co_return Result<void>();
    complete.set_module_files_hash(packed->hash);
    if (packed->tar.size() <= max_inline) {
        complete.set_module_files(std::move(packed->tar));
        co_return Result<void>();
    }
    for (auto& message : rpc::cut_file(packed->tar)) {
        if (failure_) co_return *failure_;
        pb::Response response;
        if (message.has_data_upload()) {
            *response.mutable_data_upload() = std::move(*message.mutable_data_upload());
        } else {
            *response.mutable_chunk_piece() = std::move(*message.mutable_chunk_piece());
        }
        co_await reply(std::move(response));
    }
    co_return Result<void>();
}

}  // namespace berth::terraform
