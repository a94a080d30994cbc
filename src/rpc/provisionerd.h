#pragma once

#include "net/drpc/method.h"
#include "provisionerd.pb.h"

/// What a provisioner daemon calls on the server.
namespace berth::rpc::provisionerd {

inline constexpr int version_major = 1;
inline constexpr int version_minor = 17;

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
