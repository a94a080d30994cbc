#include "coderd/files/routes.h"

#include "base/crypto.h"
#include "base/text.h"
#include "coderd/files/archive.h"
#include "coderd/files/store_file.h"
#include "rbac/authorize.h"
#include "sdk/deployment.h"

namespace berth::coderd {
namespace {

/// Without parameters like "; charset=…".
std::string media_type(const http::Request& request) {
    auto header = request.headers.get("Content-Type").value_or("");
    return base::to_lower(base::trim(header.substr(0, header.find(';'))));
}

bool is_zip_type(std::string_view type) { return type == zip_type || type == "application/x-zip-compressed"; }

http::Response archive_response(std::string data, std::string_view type) {
    http::Response response;
    response.headers.set("Content-Type", std::string(type));
    response.body = std::move(data);
    return response;
}

}  // namespace

asio::awaitable<Result<StoredFile>> store_file(Context& context, const rbac::Actor& actor, Uuid user_id,
                                               std::string tar) {
    auto shared = std::make_shared<std::string>(std::move(tar));
    // Closures with a name: g++ 12 destroys captures twice when one is a temporary of the co_await.
    auto work = [shared] { return base::sha256_hex(*shared); };
    auto hash = co_await net::run_on(context.runtime.workers(), std::move(work));
    auto known = co_await context.store.get_file_id_by_hash_and_creator(actor, hash, user_id);
    if (known) co_return StoredFile{known->id, false};
    if (known.error().code() != ErrorCode::not_found) co_return known.error();
    db::InsertFileParams row;
    row.id = Uuid::random();
    row.hash = hash;
    row.created_at = context.clock.now();
    row.created_by = user_id;
    row.mimetype = std::string(tar_type);
    row.data = std::move(*shared);
    auto inserted = co_await context.store.insert_file(actor, row);
    if (inserted) co_return StoredFile{*inserted, true};
    if (inserted.error().code() != ErrorCode::conflict) co_return inserted.error();
    // Somebody uploaded the same a moment ago.
    auto winner = co_await context.store.get_file_id_by_hash_and_creator(actor, hash, user_id);
    if (!winner) co_return winner.error();
    co_return StoredFile{winner->id, false};
}

void FileRoutes::register_routes(Routes& routes) {
    Endpoint upload{http::Method::post, "/api/v2/files", "Upload a tar or zip archive", Access::session, 201};
    upload.body_limit = context_.options.max_file;
    routes.raw<Nothing, sdk::UploadResponse>(upload, bind(this, &FileRoutes::upload));
    routes.raw(Endpoint{http::Method::get, "/api/v2/files/{file}", "Download an archive"}.takes(
                   {"format", "string", "zip turns a tar archive into a zip archive"}),
               bind(this, &FileRoutes::download));
}

asio::awaitable<Result<http::Response>> FileRoutes::upload(const Request& request) {
    auto type = media_type(request.http());
    if (type != tar_type && !is_zip_type(type))
        co_return invalid_argument("Files are uploaded as tar or zip archives.")
            .with_field("Content-Type", "must be application/x-tar or application/zip");
    if (request.http().body.empty()) co_return invalid_argument("The upload is empty.");
    std::string tar;
    if (is_zip_type(type)) {
        ArchiveBounds bounds;
        bounds.bytes = context_.options.max_file;
        auto zip = std::make_shared<std::string>(std::move(request.http().body));
        auto work = [zip, bounds] { return zip_to_tar(*zip, bounds); };
        auto converted = co_await net::run_on(context_.runtime.workers(), std::move(work));
        if (!converted) co_return converted.error();
        tar = std::move(*converted);
    } else {
        tar = std::move(request.http().body);
    }
    auto stored = co_await store_file(context_, request.actor(), request.caller().user_id, std::move(tar));
    if (!stored) co_return stored.error();
    sdk::UploadResponse answer;
    answer.hash = stored->id;
    co_return http::Response::json(stored->is_new ? 201 : 200, sdk::encode(answer));
}

asio::awaitable<Result<db::File>> FileRoutes::find(const Request& request) {
    auto id = request.path_uuid("file");
    if (!id) co_return id.error();
    auto file = co_await context_.store.get_file_by_id(request.actor(), *id);
    if (file || file.error().code() != ErrorCode::not_found) co_return file;
    auto versions = co_await context_.store.list_template_versions_of_file(request.actor(), *id);
    if (!versions) co_return versions.error();
    for (const auto& version : *versions) {
        auto shared = co_await context_.store.get_file_of_template_version(request.actor(), version.id);
        if (shared) co_return shared;
    }
    co_return rbac::hidden(rbac::Resource::file);
}

asio::awaitable<Result<http::Response>> FileRoutes::download(const Request& request) {
    auto format = request.query("format").value_or("");
    if (!format.empty() && format != "zip")
        co_return invalid_argument("The query has an invalid value.")
            .with_field("format", "must be empty or zip");
    auto file = co_await find(request);
    if (!file) co_return file.error();
    if (format.empty()) co_return archive_response(std::move(file->data), file->mimetype);
    if (file->mimetype != tar_type) co_return invalid_argument("Only tar archives can be converted to zip.");
    ArchiveBounds bounds;
    bounds.bytes = context_.options.max_file;
    auto tar = std::make_shared<std::string>(std::move(file->data));
    auto work = [tar, bounds] { return tar_to_zip(*tar, bounds); };
    auto zip = co_await net::run_on(context_.runtime.workers(), std::move(work));
    if (!zip) co_return zip.error();
    co_return archive_response(std::move(*zip), zip_type);
}

}  // namespace berth::coderd
