#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "base/asio.h"
#include "base/clock.h"
#include "base/result.h"
#include "net/process.h"
#include "provisioner/terraform/environment.h"

namespace berth::terraform {

/// Keeps the coder provider running for the length of a build, so that each terraform command connects to it
/// instead of starting one per phase: that halves the time of a build. It reads the build from its own
/// environment.
class ProviderHost {
public:
    /// The provider that `terraform init` selected for the template in `folder`; its socket lies in
    /// `run_folder`, which only we may enter. Fails when there is none or it does not answer; then terraform
    /// starts its own.
    static asio::awaitable<Result<std::unique_ptr<ProviderHost>>> start(std::filesystem::path folder,
                                                                        std::filesystem::path run_folder,
                                                                        Environment environment,
                                                                        base::Clock& clock);

    /// The environment it was started with.
    [[nodiscard]] const Environment& environment() const { return environment_; }
    /// For TF_REATTACH_PROVIDERS.
    [[nodiscard]] const std::string& address() const { return address_; }

private:
    ProviderHost(std::unique_ptr<net::Process> process, Environment environment)
        : process_(std::move(process)), environment_(std::move(environment)) {}

    std::unique_ptr<net::Process> process_;
    Environment environment_;
    std::string address_;
};

}  // namespace berth::terraform
