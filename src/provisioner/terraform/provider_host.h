#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/asio.h"
#include "base/clock.h"
#include "base/result.h"
#include "net/process.h"
#include "provisioner/terraform/environment.h"

namespace berth::terraform {

/// Terraform's and OpenTofu's registries have the same providers under the same names.
inline constexpr std::string_view coder_provider = "coder/coder";
/// "registry.opentofu.org/coder/coder" -> "coder/coder"; empty for another registry's.
std::string_view name_in_registry(std::string_view address);

/// The providers that `terraform init` selected for the template in `folder`, by address
/// ("registry.terraform.io/coder/coder"); without those that stand there in several versions.
std::map<std::string, std::filesystem::path> selected_providers(const std::filesystem::path& folder);

/// Those of them that one process may serve for a whole template. Terraform starts a process for each
/// configuration of a provider (an alias with another region, a module with another account), and a kept one
/// would take the last configuration for all; so these are providers that have nothing to configure.
std::map<std::string, std::filesystem::path> shareable_providers(const std::filesystem::path& folder);

/// Keeps a template's providers running for the length of a build, so that each terraform command connects to
/// them instead of starting them anew: that halves the time of a build. They read the build from their own
/// environment.
class ProviderHost {
public:
    /// Starts these providers; their sockets lie in `run_folder`, which only we may enter. One that does not
    /// say where it listens (not all can be kept) is left to terraform. Fails when none can be kept.
    static asio::awaitable<Result<std::unique_ptr<ProviderHost>>> start(
        std::filesystem::path folder, std::filesystem::path run_folder,
        std::map<std::string, std::filesystem::path> providers, Environment environment, base::Clock& clock);

    /// The environment they were started with.
    [[nodiscard]] const Environment& environment() const { return environment_; }
    /// For TF_REATTACH_PROVIDERS.
    [[nodiscard]] const std::string& address() const { return address_; }

private:
    explicit ProviderHost(Environment environment) : environment_(std::move(environment)) {}

    std::vector<std::unique_ptr<net::Process>> processes_;
    Environment environment_;
    std::string address_;
};

}  // namespace berth::terraform
