#include <gtest/gtest.h>

#include "provisioner/terraform/executor.h"
#include "provisioner/terraform/files.h"
#include "provisioner/terraform/session_testing.h"

namespace berth::terraform {
namespace {

namespace fs = std::filesystem;

TEST(find_terraform, says_what_is_wrong) {
    net::Runtime runtime(1);
    TempFolder root;
    std::vector<std::string> host{"PATH=" + root.path().string()};
    auto none = runtime.run(find_terraform({}, host));
    ASSERT_FALSE(none.ok());
    EXPECT_EQ(none.error().code(), ErrorCode::not_found);
    EXPECT_NE(none.error().detail().find("install terraform"), std::string::npos);

    auto program = root.path() / "terraform";
    auto answer = [&](const std::string& text) {
        EXPECT_TRUE(write_private_file(program, "#!/bin/sh\necho '" + text + "'\n").ok());
        fs::permissions(program, fs::perms::owner_all);
        return runtime.run(find_terraform({}, host));
    };
    auto old = answer("Terraform v1.0.11");
    ASSERT_FALSE(old.ok());
    EXPECT_NE(old.error().message().find("1.0.11"), std::string::npos);
    for (const char* bad : {"", "v1.5.0", "Terraform 1.5.0", "Terraform v", "OpenTofu vbanana",
                            "Terragrunt v1.5.0", R"({"terraform_version":"1.5.0"})"})
        EXPECT_FALSE(answer(bad).ok()) << bad;
    for (const auto& [text, version, tofu] : std::vector<std::tuple<std::string, std::string, bool>>{
             {"Terraform v1.12.0-rc1\non linux_amd64", "1.12.0-rc1", false},
             {"Terraform v1.12.0\n\nYour version of OpenTofu v1.9.0 is out of date!", "1.12.0", false},
             {"a warning\n\nOpenTofu v1.12.0\non linux_amd64\n+ provider x v1.0.0", "1.12.0", true}}) {
        auto good = answer(text);
        ASSERT_TRUE(good.ok()) << text << ": " << good.error().to_string();
        EXPECT_EQ(good->number, (std::array<int, 3>{1, 12, 0}));
        EXPECT_EQ(good->version, version);
        EXPECT_EQ(good->tofu, tofu);
    }
}

TEST(find_terraform, tells_the_real_one) {
    net::Runtime runtime(1);
    auto found = runtime.run(find_terraform({}, host_environment()));
    ASSERT_TRUE(found.ok()) << found.error().to_string();
    bool tofu = found->path.filename() == "tofu";
    EXPECT_EQ(found->tofu, tofu) << found->path;
}

}  // namespace
}  // namespace berth::terraform
