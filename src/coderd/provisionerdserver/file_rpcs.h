#pragma once

#include "coderd/context.h"
#include "coderd/provisionerdserver/held_job.h"
#include "net/drpc/stream.h"
#include "provisionerd.pb.h"

namespace berth::coderd {

/// Modules of a template, packed; the daemon leaves out the biggest ones to stay below. In bytes.
inline constexpr std::size_t max_module_files = 20 << 20;

/// UploadFile: the module archive of the import this daemon is busy with.
asio::awaitable<Result<void>> upload_file(Context& context, const Daemon& daemon,
                                          drpc::Receiver<provisioner::FileUpload> pieces);

/// DownloadFile: the module archive of a template version this daemon has a job of; any other file is
/// not_found.
asio::awaitable<Result<void>> download_file(Context& context, const Daemon& daemon,
                                            provisionerd::FileRequest request,
                                            drpc::Sender<provisioner::FileUpload> pieces);

}  // namespace berth::coderd
