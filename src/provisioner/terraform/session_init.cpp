#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "provisioner/terraform/archive.h"
#include "provisioner/terraform/file_upload.h"
#include "provisioner/terraform/modules.h"
#include "provisioner/terraform/parse.h"
#include "provisioner/terraform/questions.h"
#include "provisioner/terraform/session_state.h"
#include "provisioner/terraform/template_folder.h"

namespace berth::terraform {
namespace {

namespace fs = std::filesystem;
namespace pb = ::provisioner;

/// Files up to this size travel inside InitComplete.
constexpr std::size_t max_inline = 2 << 20;

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

}  // namespace

std::unique_ptr<Executor> Session::executor() {
    ExecutorOptions options{options_.terraform, folder_->source(), options_.cancel_grace};
    return std::make_unique<Executor>(std::move(options), *this, cancel_, *options_.clock);
}

Environment Session::plain_environment() const {
    auto environment = base_;
    if (debug_) environment["TF_LOG"] = "DEBUG";
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
    auto done = co_await prepare(request);
    if (done) done = co_await run_init(complete);
    if (done) done = co_await send_modules(request, complete);
    initialized_ = done.ok();
    if (!done) complete.set_error(done.error().message());
    co_return complete;
}

asio::awaitable<Result<void>> Session::prepare(pb::InitRequest& request) {
    std::string modules;
    if (!request.initial_module_tar_hash().empty()) {
        auto received = co_await receive_modules(request.initial_module_tar_hash());
        if (!received) co_return received.error();
        modules = std::move(*received);
    }
    if (cancel_.cancelled()) co_return cancelled("the build was cancelled");
    provider_.reset();
    graph_.reset();
    planned_.reset();
    auto folder = WorkFolder::create(options_.work_root, name_);
    if (!folder) co_return folder.error();
    folder_ = std::move(*folder);
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
    FileAssembler file(std::move(hash), 2 * options_.module_limit);
    while (true) {
        auto request = co_await next();
        if (!request) co_return cancelled("the session ended before the template's modules arrived");
        if (!request->has_file())
            co_return invalid_argument("the template's modules were announced but not sent");
        auto complete = file.add(request->file());
        if (!complete) co_return complete.error().wrap("the template's stored modules");
        if (*complete) co_return std::move(file).take();
    }
}

asio::awaitable<Result<CommandResult>> Session::initialize(pb::InitComplete& complete) {
    auto args = init_command(options_.terraform);
    Timings timings("init", options_.clock->now());
    auto terraform = executor();
    auto result = co_await terraform->run(std::move(args), plain_environment(), timings);
    bool ok = result && result->ok();
    for (auto& timing : timings.finish(options_.clock->now(), ok, "initializing", "modules and providers"))
        *complete.add_timings() = std::move(timing);
    co_return result;
}

asio::awaitable<Result<void>> Session::run_init(pb::InitComplete& complete) {
    auto result = co_await initialize(complete);
    if (result && !result->ok() && !result->cancelled && pinned_) {
        co_await log(pb::WARN,
                     "The providers that the template's import chose cannot be installed here. "
                     "Others that fit the template are.");
        std::error_code ignored;
        fs::remove(folder_->source() / lock_file, ignored);
        result = co_await initialize(complete);
    }
    if (!result) co_return result.error();
    if (!result->ok()) co_return internal_error(result->failure("terraform init"));
    auto modules = installed_modules(folder_->source());
    if (!modules) co_return modules.error();
    for (auto& module : *modules)
        *complete.add_modules() = std::move(module);
    co_return Result<void>();
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
    auto cut = cut_file(packed->tar, packed->hash);
    pb::Response head;
    *head.mutable_data_upload() = std::move(cut.head);
    co_await reply(std::move(head));
    for (auto& piece : cut.pieces) {
        if (failure_) co_return *failure_;
        pb::Response response;
        *response.mutable_chunk_piece() = std::move(piece);
        co_await reply(std::move(response));
    }
    co_return Result<void>();
}

}  // namespace berth::terraform
