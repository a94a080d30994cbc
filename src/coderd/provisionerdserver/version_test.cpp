#include "coderd/provisionerdserver/version.h"

#include <gtest/gtest.h>

namespace berth::coderd {
namespace {

TEST(ProvisionerdVersion, RefusesWithText) {
    struct Row {
        const char* version;
        const char* says;
    };
    const Row rows[] = {{"", "malformed"},
                        {"1", "malformed"},
                        {"1.", "malformed"},
                        {".17", "malformed"},
                        {"1.x", "malformed"},
                        {"1.17.0", "malformed"},
                        {"-1.2", "malformed"},
                        {"v1.2", "malformed"},
                        {"2.0", "newer"},
                        {"1.18", "newer"},
                        {"99.99", "newer"},
                        {"0.9", "too old"},
                        {"1.99999999999", "malformed"}};
    for (const auto& row : rows) {
        auto checked = check_provisionerd_version(row.version);
        ASSERT_FALSE(checked) << row.version;
        EXPECT_EQ(checked.error().code(), ErrorCode::invalid_argument);
        EXPECT_NE(checked.error().message().find(row.says), std::string::npos) << row.version;
    }
    for (const char* good : {"1.0", "1.7", "1.14", "1.17"})
        EXPECT_TRUE(check_provisionerd_version(good)) << good;
}

}  // namespace
}  // namespace berth::coderd
