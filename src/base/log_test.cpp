#include "base/log.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace berth::base {
namespace {

class LogTest : public testing::Test {
protected:
    void SetUp() override {
        folder_ = std::filesystem::path(testing::TempDir()) / Uuid::random().to_string();
        std::filesystem::create_directories(folder_);
    }
    void TearDown() override {
        ASSERT_TRUE(init_logging({}).ok());
        std::filesystem::remove_all(folder_);
    }
    std::string read(const char* name) const {
        std::ostringstream text;
        text << std::ifstream(folder_ / name).rdbuf();
        return text.str();
    }
    void log_to_files(LogLevel level = LogLevel::info) const {
        ASSERT_TRUE(init_logging({folder_ / "human", folder_ / "json", level}).ok());
    }
    std::filesystem::path folder_;
};

TEST_F(LogTest, RefusesAFileThatCannotBeOpened) {
    EXPECT_FALSE(init_logging({.human_path = "/proc/no/such/file"}).ok());
}

TEST_F(LogTest, ValuesCannotForgeFieldsOrLines) {
    log_to_files();
    Logger("test").info("two\nlines", field("name", "x level=error\n2026 forged"), field("ok", true));
    std::string text = read("human");
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
    EXPECT_NE(text.find(R"([info] test: two lines name="x level=error\n2026 forged" ok=true)"),
              std::string::npos)
        << text;
}

TEST_F(LogTest, WritesJsonWithContext) {
    log_to_files(LogLevel::debug);
    Uuid id = Uuid::random();
    Logger log = Logger("coderd").named("jobs").with(field("job_id", id));
    log.debug("acquired", field("count", 3), field("token", SecretString("hunter2")),
              field("error", not_found("gone")));
    std::string text = read("json");
    EXPECT_EQ(text.find("hunter2"), std::string::npos);
    auto line = boost::json::parse(text).as_object();
    EXPECT_EQ(line["level"], "debug");
    EXPECT_EQ(line["logger"], "coderd.jobs");
    EXPECT_EQ(line["msg"], "acquired");
    auto& fields = line["fields"].as_object();
    EXPECT_EQ(fields["job_id"], boost::json::value(id.to_string()));
    EXPECT_EQ(fields["count"], 3);
    EXPECT_EQ(fields["token"], "***");
    EXPECT_EQ(fields["error"], "not_found: gone");
}

TEST_F(LogTest, LevelsFilter) {
    log_to_files(LogLevel::warn);
    Logger log("test");
    log.debug("no");
    log.info("no");
    log.warn("yes");
    log.error("yes");
    std::string text = read("human");
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
}

}  // namespace
}  // namespace berth::base
