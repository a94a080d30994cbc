#include "coderd/provisionerdserver/file_rpcs.h"

#include "base/crypto.h"
#include "rpc/file_transfer.h"

namespace berth::coderd {
namespace {

asio::awaitable<Result<rpc::FileAssembler>> receive_file(drpc::Receiver<provisioner::FileUpload>& pieces) {
    rpc::FileAssembler assembler(max_module_files);
    while (!assembler.complete()) {
        auto message = co_await pieces.recv();
        if (!message) co_return message.error();
        if (!*message) co_return invalid_argument("the upload ended before all pieces came");
        auto added = assembler.add(**message);
        if (!added) co_return added.error();
    }
    auto more = co_await pieces.recv();
    if (!more) co_return more.error();
    if (*more) co_return invalid_argument("there are more pieces than announced");
    co_return std::move(assembler);
}

}  // namespace

asio::awaitable<Result<void>> upload_file(Context& context, const Daemon& daemon,
                                          drpc::Receiver<provisioner::FileUpload> pieces) {
    // Asked first, so that nobody without a job makes us hold 20 MiB.
    auto imports = co_await context.store.list_running_imports_of_worker(provisionerd_actor(), daemon.id);
    if (!imports) co_return imports.error();
    if (imports->empty())
        co_return Error(ErrorCode::permission_denied, "this daemon has no import to upload a file for");
    auto assembler = co_await receive_file(pieces);
    if (!assembler) co_return assembler.error();
    db::InsertFileParams row;
    row.id = Uuid::random();
    row.created_at = context.clock.now();
    row.created_by = imports->front().initiator_id;
    row.mimetype = "application/x-tar";
    auto bytes =
        std::span(reinterpret_cast<const std::uint8_t*>(assembler->hash().data()), assembler->hash().size());
    row.hash = base::hex_encode(bytes);
    row.data = std::move(*assembler).take();
    auto stored = co_await context.store.insert_file(provisionerd_actor(), row);
    // The same modules were uploaded before.
    if (!stored && stored.error().code() != ErrorCode::conflict) co_return stored.error();
    co_return Result<void>();
}

asio::awaitable<Result<void>> download_file(Context& context, const Daemon& daemon,
                                            provisionerd::FileRequest request,
                                            drpc::Sender<provisioner::FileUpload> pieces) {
    auto id = message_uuid(request.file_id(), "file id");
    if (!id) co_return id.error();
    if (request.upload_type() != provisioner::UPLOAD_TYPE_MODULE_FILES)
        co_return invalid_argument("this kind of file cannot be downloaded");
    auto file = co_await context.store.get_module_file_for_worker(provisionerd_actor(), *id, daemon.id);
    if (!file && file.error().code() == ErrorCode::not_found)
        co_return not_found("no job of this daemon has such a file");
    if (!file) co_return file.error();
    auto messages = rpc::cut_file(file->data);
    for (const auto& message : messages) {
        auto sent = co_await pieces.send(message);
        if (!sent) co_return sent.error();
    }
    co_return Result<void>();
}

}  // namespace berth::coderd
