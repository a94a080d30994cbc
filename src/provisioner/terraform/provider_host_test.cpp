#include "provisioner/terraform/provider_host.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "provisioner/terraform/files.h"
#include "provisioner/terraform/session_testing.h"

namespace berth::terraform {
namespace {

namespace fs = std::filesystem;

using Providers = std::map<std::string, fs::path>;
using Started = Result<std::unique_ptr<ProviderHost>>;

asio::awaitable<Started> start_host(fs::path folder, Providers providers) {
    auto host = co_await ProviderHost::start(folder, folder, std::move(providers), {}, base::system_clock());
    co_return host;
}

class ProviderHostTest : public ::testing::Test {
protected:
    /// A provider of this address that does what a shell script says.
    void install(const std::string& address, const std::string& version, const std::string& script) {
        auto platform = folder_.path() / ".terraform/providers" / address / version / "linux_amd64";
        fs::create_directories(platform);
        auto binary =
            platform / ("terraform-provider-" + fs::path(address).filename().string() + "_v" + version);
        ASSERT_TRUE(write_private_file(binary, "#!/bin/sh\n" + script + "\n").ok());
        fs::permissions(binary, fs::perms::owner_all);
    }
    static std::string greeting(const std::string& name, const std::string& socket) {
        return "echo 'Provider started.'; echo \"\tTF_REATTACH_PROVIDERS='{\\\"" + name +
               "\\\":{\\\"Addr\\\":{\\\"String\\\":\\\"" + socket + "\\\"}}}'\"; echo $$ > " + socket +
               ".pid; exec sleep 1000";
    }
    Started start() { return runtime_.run(start_host(folder_.path(), selected_providers(folder_.path()))); }

    net::Runtime runtime_{1};
    TempFolder folder_;
};

TEST_F(ProviderHostTest, KeepsThoseThatCanBeKept) {
    auto socket = (folder_.path() / "a").string();
    install("registry.terraform.io/coder/coder", "2.0.0",
            greeting("registry.terraform.io/coder/coder", socket));
    // Built elsewhere, it believes to be another.
    install("registry.terraform.io/hashicorp/local", "2.5.3", greeting("somewhere/else/local", socket + "b"));
    install("registry.terraform.io/hashicorp/null", "3.2.4", "echo 'This binary is a plugin.'; exit 1");
    install("registry.terraform.io/hashicorp/time", "0.1.0", greeting("x", socket + "c"));
    install("registry.terraform.io/hashicorp/time", "0.2.0", greeting("x", socket + "c"));
    EXPECT_EQ(selected_providers(folder_.path()).size(), 3u) << "two versions of one are not told apart";
    pid_t kept = 0;
    {
        auto host = start();
        ASSERT_TRUE(host.ok()) << host.error().to_string();
        auto endpoints = boost::json::parse((*host)->address()).as_object();
        EXPECT_EQ(endpoints.size(), 2u) << (*host)->address();
        EXPECT_EQ(endpoints.at("registry.terraform.io/coder/coder").at("Addr").at("String").as_string(),
                  socket);
        EXPECT_EQ(endpoints.at("registry.terraform.io/hashicorp/local").at("Addr").at("String").as_string(),
                  socket + "b");
        kept = read_pid(socket + ".pid");
        EXPECT_TRUE(alive(kept));
    }
    EXPECT_FALSE(alive(kept)) << "the process must end with the build";
}

TEST_F(ProviderHostTest, OnlyProvidersWithoutConfigurationServeAWholeTemplate) {
    for (const char* address : {"registry.terraform.io/coder/coder", "registry.terraform.io/hashicorp/null",
                                "registry.opentofu.org/coder/coder", "registry.terraform.io/hashicorp/aws",
                                "registry.terraform.io/someone/random", "example.org/coder/coder"})
        install(address, "1.0.0", "exit 1");
    auto shareable = shareable_providers(folder_.path());
    EXPECT_EQ(shareable.size(), 3u);
    EXPECT_TRUE(shareable.contains("registry.terraform.io/coder/coder"));
    EXPECT_TRUE(shareable.contains("registry.opentofu.org/coder/coder"));
    EXPECT_TRUE(shareable.contains("registry.terraform.io/hashicorp/null"));
}

TEST_F(ProviderHostTest, FailsWhenNoneCanBeKept) {
    EXPECT_FALSE(start().ok());
    install("registry.terraform.io/coder/coder", "1.0.0",
            "echo \"TF_REATTACH_PROVIDERS='not json'\"; exit 0");
    EXPECT_FALSE(start().ok());
}

}  // namespace
}  // namespace berth::terraform
