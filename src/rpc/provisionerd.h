#pragma once

#include "net/drpc/method.h"
#include "provisionerd.pb.h"

/// What a provisioner daemon calls on the server.
namespace berth::rpc::provisionerd {

inline constexpr int version_major = 1;
inline constexpr int version_minor = 17;

/// Bytes of the largest message between a server and a daemon of ours: templates and states may be large. The
/// daemon names its limit in this header when it connects; one that does not takes drpc::max_message.
inline constexpr std::size_t max_message = 64 << 20;
inline constexpr std::string_view max_message_header = "Berth-Max-Message";

namespace pb = ::provisionerd;

inline constexpr drpc::Unary<pb::Empty, pb::AcquiredJob> acquire_job{
    "/provisionerd.ProvisionerDaemon/AcquireJob"};
inline constexpr drpc::BidiStream<pb::CancelAcquire, pb::AcquiredJob> acquire_job_with_cancel{
    "/provisionerd.ProvisionerDaemon/AcquireJobWithCancel"};
inline constexpr drpc::Unary<pb::CommitQuotaRequest, pb::CommitQuotaResponse> commit_quota{
    "/provisionerd.ProvisionerDaemon/CommitQuota"};
inline constexpr drpc::Unary<pb::UpdateJobRequest, pb::UpdateJobResponse> update_job{
    "/provisionerd.ProvisionerDaemon/UpdateJob"};
inline constexpr drpc::Unary<pb::FailedJob, pb::Empty> fail_job{"/provisionerd.ProvisionerDaemon/FailJob"};
inline constexpr drpc::Unary<pb::CompletedJob, pb::Empty> complete_job{
    "/provisionerd.ProvisionerDaemon/CompleteJob"};
inline constexpr drpc::ClientStream<::provisioner::FileUpload, pb::Empty> upload_file{
    "/provisionerd.ProvisionerDaemon/UploadFile"};
inline constexpr drpc::ServerStream<pb::FileRequest, ::provisioner::FileUpload> download_file{
    "/provisionerd.ProvisionerDaemon/DownloadFile"};

}  // namespace berth::rpc::provisionerd
