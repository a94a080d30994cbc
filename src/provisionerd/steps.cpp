// The steps a job is made of.
#include <set>
#include <utility>

#include "net/drpc/client.h"
#include "provisionerd/runner.h"
#include "rpc/provisionerd.h"

namespace berth::provisionerd {

namespace job = ::provisionerd;
namespace pv = ::provisioner;

asio::awaitable<Result<void>> Runner::init(bool keep_module_files) {
    start_stage("Initializing Terraform Directory");
    auto reused = co_await init_from_prepared();
    if (!reused) co_return reused.error();
    if (*reused) co_return Result<void>();
    rpc::FileMessages modules;
    const auto& metadata =
        job_.has_template_dry_run() ? job_.template_dry_run().metadata() : job_.workspace_build().metadata();
    const std::string& file_id = metadata.template_version_modules_file();
    if (!file_id.empty()) {
        auto downloaded = co_await download_modules(file_id);
        bool ends =
            metadata.workspace_transition() == pv::STOP || metadata.workspace_transition() == pv::DESTROY;
        if (downloaded) {
            modules = std::move(*downloaded);
        } else if (!ends) {
            // Modules fetched again may be others than those that were imported.
            co_return downloaded.error().wrap("the template's stored modules are not available");
        } else {
            modules_fetched_again_ = true;
            log_.warn("modules were not downloaded", field("error", downloaded.error()));
            updates_.add(pv::WARN, stage_,
                         "The template's stored modules are not available: " + downloaded.error().message() +
                             ". They are fetched again.");
        }
    }
    if (auto stop = must_stop()) co_return *stop;
    auto done = co_await send_init(keep_module_files, std::move(modules));
    co_return done;
}

std::string Runner::prepared_version_id() const {
    const auto& build = job_.workspace_build();
    return build.use_terraform_workspace_cache() ? build.metadata().template_version_id() : std::string();
}

/// False when there is no such folder. Then the archive and the modules are needed, which a folder holds.
asio::awaitable<Result<bool>> Runner::init_from_prepared() {
    auto version = prepared_version_id();
    if (version.empty()) co_return false;
    pv::Request request;
    request.mutable_init()->set_prepared_version_id(std::move(version));
    request.mutable_init()->set_omit_module_files(true);
    auto response = co_await session_->ask(std::move(request), pv::Response::kInit);
    if (!response) co_return response.error();
    if (response->init().not_prepared()) co_return false;
    take_init(response->init());
    co_return true;
}

void Runner::take_init(const pv::InitComplete& complete) {
    take_timings(complete.timings());
    modules_ = complete.modules();
}

asio::awaitable<Result<void>> Runner::send_init(bool keep_module_files, rpc::FileMessages modules) {
    pv::Request request;
    auto* init = request.mutable_init();
    init->set_template_source_archive(std::move(*job_.mutable_template_source_archive()));
    init->set_omit_module_files(!keep_module_files);
    // A folder that later builds start from has the modules that were imported, not others.
    if (!modules_fetched_again_) init->set_prepared_version_id(prepared_version_id());
    if (!modules.empty()) init->set_initial_module_tar_hash(modules.front().data_upload().data_hash());
    auto sent = co_await session_->send(std::move(request));
    if (!sent) co_return sent.error();
    for (auto& piece : modules) {
        pv::Request part;
        *part.mutable_file() = std::move(piece);
        auto passed = co_await session_->send(std::move(part));
        if (!passed) co_return passed.error();
    }
    auto response = co_await session_->answer(pv::Response::kInit);
    if (!response) co_return response.error();
    take_init(response->init());
    module_files_ = session_->take_files();
    if (keep_module_files && !response->init().module_files().empty())
        module_files_ = rpc::cut_file(response->init().module_files());
    co_return Result<void>();
}

namespace {

using VariableValues = google::protobuf::RepeatedPtrField<pv::VariableValue>;

/// What people gave, and where they gave nothing what the template's *.tfvars files say.
void add_values(const VariableValues& given, const VariableValues& of_files, job::UpdateJobRequest& update) {
    std::set<std::string> names;
    for (const auto& value : given)
        names.insert(value.name());
    *update.mutable_user_variable_values() = given;
    for (const auto& value : of_files)
        if (!names.contains(value.name())) *update.add_user_variable_values() = value;
}

}  // namespace

asio::awaitable<Result<job::UpdateJobResponse>> Runner::parse() {
    if (auto stop = must_stop()) co_return *stop;
    start_stage("Parsing template parameters");
    pv::Request request;
    request.mutable_parse();
    auto response = co_await session_->ask(std::move(request), pv::Response::kParse);
    if (!response) co_return response.error();
    auto* parsed = response->mutable_parse();
    static_parameters_ = parsed->static_parameters();
    job::UpdateJobRequest update;
    *update.mutable_template_variables() = parsed->template_variables();
    add_values(job_.template_import().user_variable_values(), parsed->file_variable_values(), update);
    update.set_readme(std::move(*parsed->mutable_readme()));
    *update.mutable_workspace_tags() = parsed->workspace_tags();
    auto updated = co_await updates_.send(std::move(update));
    if (!updated && updated.error().message().find("required template variables") != std::string::npos)
        error_code_ = "REQUIRED_TEMPLATE_VARIABLES";
    co_return updated;
}

asio::awaitable<Result<pv::PlanComplete>> Runner::plan(std::string stage, pv::PlanRequest plan) {
    if (auto stop = must_stop()) co_return *stop;
    start_stage(std::move(stage));
    pv::Request request;
    *request.mutable_plan() = std::move(plan);
    auto response = co_await session_->ask(std::move(request), pv::Response::kPlan);
    if (!response) co_return response.error();
    take_timings(response->plan().timings());
    co_return std::move(*response->mutable_plan());
}

asio::awaitable<Result<pv::GraphComplete>> Runner::graph(pv::Metadata metadata, pv::GraphSource source) {
    // After apply there is nothing left to cancel, and the resources must be known.
    if (auto stop = must_stop(); stop && source == pv::SOURCE_PLAN) co_return *stop;
    pv::Request request;
    *request.mutable_graph()->mutable_metadata() = std::move(metadata);
    request.mutable_graph()->set_source(source);
    auto response = co_await session_->ask(std::move(request), pv::Response::kGraph);
    if (!response) co_return response.error();
    take_timings(response->graph().timings());
    co_return std::move(*response->mutable_graph());
}

asio::awaitable<Result<void>> Runner::commit_quota(std::int32_t cost) {
    if (auto stop = must_stop()) co_return *stop;
    start_stage("Commit quota");
    auto request = std::make_shared<job::CommitQuotaRequest>();
    request->set_job_id(job_.job_id());
    request->set_daily_cost(cost);
    auto response = co_await link_.call(rpc::provisionerd::commit_quota,
                                        std::shared_ptr<const job::CommitQuotaRequest>(request));
    if (!response) co_return response.error();
    updates_.add(pv::INFO, stage_, "Build cost:       " + std::to_string(cost));
    updates_.add(pv::INFO, stage_, "Budget:           " + std::to_string(response->budget()));
    updates_.add(pv::INFO, stage_, "Credits consumed: " + std::to_string(response->credits_consumed()));
    if (response->ok()) co_return Result<void>();
    updates_.add(pv::WARN, stage_, "This build would exceed the budget.");
    co_return Error(ErrorCode::failed_precondition, "insufficient quota");
}

asio::awaitable<Result<void>> Runner::apply(std::string stage, pv::Metadata metadata) {
    if (auto stop = must_stop()) co_return *stop;
    start_stage(std::move(stage));
    pv::Request request;
    *request.mutable_apply()->mutable_metadata() = std::move(metadata);
    auto response = co_await session_->ask_raw(std::move(request), pv::Response::kApply);
    if (!response) co_return response.error();
    take_timings(response->apply().timings());
    state_ = std::move(*response->mutable_apply()->mutable_state());
    if (!response->apply().error().empty())
        co_return Error(ErrorCode::failed_precondition, response->apply().error());
    co_return Result<void>();
}

// ---- module files ----

namespace {

asio::awaitable<Result<rpc::FileMessages>> download_once(drpc::Client client, job::FileRequest request) {
    auto stream = co_await client.open(rpc::provisionerd::download_file, request);
    if (!stream) co_return stream.error();
    rpc::FileMessages pieces;
    rpc::FileProgress progress(max_file);
    while (!progress.complete()) {
        auto piece = co_await stream->recv();
        if (!piece) co_return piece.error();
        if (!*piece) co_return Error(ErrorCode::data_loss, "the file ended too early");
        auto taken = progress.take(**piece);
        if (!taken) co_return taken.error();
        pieces.push_back(std::move(**piece));
    }
    co_return pieces;
}

}  // namespace

asio::awaitable<Result<rpc::FileMessages>> Runner::download_modules(std::string file_id) {
    job::FileRequest request;
    request.set_file_id(std::move(file_id));
    request.set_upload_type(pv::UPLOAD_TYPE_MODULE_FILES);
    base::SteadyTime until = options_.clock->steady_now() + options_.give_up;
    while (true) {
        if (auto stop = must_stop()) co_return *stop;
        Error failure = unavailable("not connected to the server");
        if (auto client = link_.client()) {
            auto downloaded = co_await download_once(*client, request);
            if (downloaded) co_return downloaded;
            failure = downloaded.error();
        }
        if (!Link::may_pass(failure) || options_.clock->steady_now() >= until) co_return failure;
        co_await options_.clock->sleep(options_.retry);
    }
}

namespace {

asio::awaitable<Result<void>> upload_once(drpc::Client client, const rpc::FileMessages& pieces) {
    auto stream = co_await client.open(rpc::provisionerd::upload_file);
    if (!stream) co_return stream.error();
    for (const auto& piece : pieces) {
        auto sent = co_await stream->send(piece);
        // The server says why in its answer.
        if (!sent) break;
    }
    auto answer = co_await stream->finish();
    if (!answer) co_return answer.error();
    co_return Result<void>();
}

}  // namespace

asio::awaitable<Result<std::string>> Runner::upload_modules(rpc::FileMessages pieces) {
    std::string hash = pieces.front().data_upload().data_hash();
    base::SteadyTime until = options_.clock->steady_now() + options_.give_up;
    while (true) {
        if (auto stop = must_stop()) co_return *stop;
        Error failure = unavailable("not connected to the server");
        if (auto client = link_.client()) {
            auto uploaded = co_await upload_once(*client, pieces);
            if (uploaded) co_return hash;
            failure = uploaded.error();
        }
        if (!Link::may_pass(failure) || options_.clock->steady_now() >= until)
            co_return failure.wrap("the template's modules were not stored");
        co_await options_.clock->sleep(options_.retry);
    }
}

}  // namespace berth::provisionerd
