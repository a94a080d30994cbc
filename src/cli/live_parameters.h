#pragma once

#include <memory>

#include "coderd/parameters/evaluator.h"
#include "provisioner/terraform/live.h"

namespace berth::cli {

/// Lets the server ask this machine's terraform what a template's parameters are.
class LiveParameters final : public coderd::ParameterEvaluator {
public:
    /// Works on `home`; `options` must outlive it.
    LiveParameters(asio::any_io_executor home, std::filesystem::path root,
                   const terraform::SessionOptions& options);

    asio::awaitable<Result<coderd::Evaluation>> evaluate(coderd::EvaluationRequest request) override;
    /// Ends what runs, so that the server need not wait for it when it stops.
    asio::awaitable<void> close();

private:
    terraform::LiveTemplates templates_;
};

}  // namespace berth::cli
