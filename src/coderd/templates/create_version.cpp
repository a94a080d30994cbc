#include "coderd/templates/create_version.h"

#include "base/crypto.h"
#include "coderd/files/store_file.h"
#include "coderd/jobs/jobs.h"
#include "coderd/templates/examples.h"

namespace berth::coderd {
namespace {

constexpr std::string_view adjectives[] = {"calm",   "quiet",  "brisk", "clear", "early", "gentle",
                                           "golden", "hidden", "light", "lucky", "merry", "noble",
                                           "plain",  "proud",  "rapid", "steady"};
constexpr std::string_view nouns[] = {"anchor", "bay",    "beacon", "canal", "dock", "ferry",
                                      "harbor", "island", "keel",   "mast",  "pier", "quay",
                                      "rudder", "sail",   "tide",   "wharf"};
constexpr std::size_t max_version_tags = 32;

std::uint32_t random_number(std::uint32_t below) {
    std::array<std::uint8_t, 4> bytes{};
    base::fill_random(bytes);
    std::uint32_t value = 0;
    for (auto byte : bytes)
        value = value << 8 | byte;
    return value % below;
}

/// The file to import: one uploaded before, or an example of ours.
asio::awaitable<Result<Uuid>> source_file(Context& context, const Request& request,
                                          const sdk::CreateTemplateVersionRequest& body) {
    if (body.example_id.empty()) {
        auto file = co_await context.store.get_file_metadata_by_id(request.actor(), body.file_id);
        if (!file && file.error().code() == ErrorCode::not_found)
            co_return not_found("There is no such file.");
        if (!file) co_return file.error();
        if (file->mimetype != tar_type)
            co_return invalid_argument("The file is not a template.")
                .with_field("file_id", "must be a tar archive");
        co_return file->id;
    }
    auto archive = example_archive(body.example_id);
    if (!archive) co_return archive.error();
    auto stored =
        co_await store_file(context, request.actor(), request.caller().user_id, std::move(*archive));
    if (!stored) co_return stored.error();
    co_return stored->id;
}

Result<Tags> job_tags(Tags tags, const Uuid& user) {
    if (tags.size() > max_version_tags)
        return invalid_argument("The template version has too many tags.").with_field("tags", "at most 32");
    for (const auto& [key, value] : tags)
        if (key.empty() || key.size() + value.size() > 256)
            return invalid_argument("A tag of the template version is not valid.")
                .with_field("tags", "keys are not empty, and key and value have at most 256 bytes");
    return complete_tags(std::move(tags), user);
}

/// What the template itself asks of its daemon, as far as that is known before it is imported. The import
/// says what is wrong with files that cannot be read.
asio::awaitable<Tags> tags_of_template(Context& context, const Request& request, Uuid file_id,
                                       const sdk::CreateTemplateVersionRequest& body) {
    if (context.tag_reader == nullptr || body.provisioner == sdk::ProvisionerType::echo) co_return Tags();
    TagReader::Values variables;
    // An import has no answers.
    TagReader::Values parameters;
    for (const auto& variable : body.user_variable_values)
        variables[variable.name] = variable.value;
    auto file = co_await context.store.get_file_by_id(request.actor(), file_id);
    Result<TemplateTags> found = TemplateTags();
    if (file)
        found = co_await context.tag_reader->read(std::move(file->data), std::move(variables),
                                                  std::move(parameters));
    else
        found = file.error();
    if (found) co_return std::move(found->values);
    context.log.info("a template's workspace tags cannot be read", field("file_id", file_id),
                     field("error", found.error()));
    co_return Tags();
}

struct NewVersion {
    db::InsertTemplateVersionParams row;
    NewJob job;
};

asio::awaitable<Result<void>> insert_version_of_template(db::Transaction& tx, const rbac::Actor& actor,
                                                         const NewVersion& version) {
    db::InsertVersionOfTemplateParams row;
    row.id = version.row.id;
    row.created_at = version.row.created_at;
    row.name = version.row.name;
    row.message = version.row.message;
    row.job_id = version.row.job_id;
    row.created_by = version.row.created_by;
    row.source_example_id = version.row.source_example_id;
    row.template_id = *version.job.template_id;
    auto inserted = co_await tx.insert_version_of_template(actor, row);
    if (!inserted) co_return inserted.error();
    co_return Result<void>();
}

asio::awaitable<Result<void>> insert_version(db::Transaction& tx, const rbac::Actor& actor,
                                             const NewVersion& version, base::Time now) {
    auto job = co_await insert_template_job(tx, actor, version.job, now);
    if (!job) co_return job.error();
    Result<void> inserted;
    if (version.job.template_id) {
        inserted = co_await insert_version_of_template(tx, actor, version);
    } else {
        inserted = co_await tx.insert_template_version(actor, version.row);
    }
    co_return inserted;
}

asio::awaitable<Result<void>> check_template(Context& context, const Request& request, Uuid template_id,
                                             Uuid organization_id) {
    if (template_id.is_nil()) co_return Result<void>();
    auto row = co_await context.store.get_template_by_id(request.actor(), template_id);
    if (row && !row->deleted && row->organization_id == organization_id) co_return Result<void>();
    if (!row && row.error().code() != ErrorCode::not_found) co_return row.error();
    co_return not_found("There is no such template, or you may not see it.");
}

}  // namespace

std::string generate_version_name() {
    std::string name(adjectives[random_number(std::size(adjectives))]);
    name += "-" + std::string(nouns[random_number(std::size(nouns))]);
    return name + "-" + std::to_string(1000 + random_number(9000));
}

asio::awaitable<Result<Uuid>> create_template_version(Context& context, const Request& request,
                                                      Uuid organization_id,
                                                      sdk::CreateTemplateVersionRequest body) {
    if (!body.file_id.is_nil() && !body.example_id.empty())
        co_return invalid_argument("Give a file or an example, not both.")
            .with_field("example_id", "excludes file_id");
    auto allowed = co_await check_template(context, request, body.template_id, organization_id);
    if (!allowed) co_return allowed.error();
    auto wanted = job_tags(body.tags, request.caller().user_id);
    if (!wanted) co_return wanted.error();
    auto file = co_await source_file(context, request, body);
    if (!file) co_return file.error();
    // Those of the request win.
    Tags all = body.tags;
    auto of_template = co_await tags_of_template(context, request, *file, body);
    all.merge(of_template);
    auto tags = job_tags(std::move(all), request.caller().user_id);
    if (!tags) co_return tags.error();

    NewVersion version;
    version.job.organization_id = organization_id;
    version.job.initiator_id = request.caller().user_id;
    version.job.type = db::ProvisionerJobType::template_version_import;
    if (body.provisioner == sdk::ProvisionerType::echo) version.job.provisioner = db::ProvisionerType::echo;
    version.job.file_id = *file;
    if (!body.template_id.is_nil()) version.job.template_id = body.template_id;
    version.job.tags = std::move(*tags);
    version.row.id = Uuid::random();
    version.job.input.template_version_id = version.row.id;
    for (const auto& variable : body.user_variable_values)
        version.job.input.user_variable_values.emplace_back(variable.name, variable.value);
    auto now = context.clock.now();
    version.row.organization_id = organization_id;
    version.row.created_at = now;
    version.row.name = body.name.empty() ? generate_version_name() : body.name;
    version.row.message = body.message;
    version.row.job_id = version.job.id;
    version.row.created_by = request.caller().user_id;
    if (!body.example_id.empty()) version.row.source_example_id = body.example_id;
    auto inserted = co_await context.store.transaction({}, insert_version, std::cref(request.actor()),
                                                       std::cref(version), now);
    if (!inserted && db::is_conflict(inserted.error(), "template_versions_name_key"))
        co_return Error(ErrorCode::conflict, "A version of this template with the name \"" +
                                                 version.row.name + "\" exists already.")
            .with_field("name", "is taken");
    if (!inserted) co_return inserted.error();
    co_return version.row.id;
}

}  // namespace berth::coderd
