#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "provisionerd/daemon_testing.h"
#include "rpc/file_transfer.h"

namespace berth::provisionerd {
namespace {

using Request = pv::Request;
using testing::ElementsAre;

asio::awaitable<void> uses_modules(Bench& b) {
    script_build(b);
    b.server.stored_file = rpc::cut_file(std::string(3'000'000, 'x'));
    auto acquired = build_job();
    acquired.mutable_workspace_build()->mutable_metadata()->set_template_version_modules_file("file-9");
    b.server.jobs.push_back(acquired);
    b.start();
    bool done = co_await b.until([&] { return b.server.ended(); });
    CO_REQUIRE(done && b.server.completed.size() == 1);
    EXPECT_THAT(b.server.downloads, ElementsAre("file-9"));
    EXPECT_EQ(b.provisioner.of(Request::kInit)[0]->init().initial_module_tar_hash(),
              b.server.stored_file[0].data_upload().data_hash());
    EXPECT_EQ(b.provisioner.of(Request::kFile).size(), 3u);
    co_await b.finish();
}
TEST(Daemon, HandsStoredModulesToTheProvisioner) { with_bench(uses_modules); }

job::AcquiredJob build_of_a_cached_version() {
    auto acquired = build_job();
    auto* build = acquired.mutable_workspace_build();
    build->set_use_terraform_workspace_cache(true);
    build->mutable_metadata()->set_template_version_id("version-3");
    build->mutable_metadata()->set_template_version_modules_file("file-9");
    return acquired;
}

asio::awaitable<void> starts_from_a_prepared_folder(Bench& b) {
    script_build(b);
    b.server.jobs.push_back(build_of_a_cached_version());
    b.start();
    bool done = co_await b.until([&] { return b.server.ended(); });
    CO_REQUIRE(done && b.server.completed.size() == 1);
    auto inits = b.provisioner.of(Request::kInit);
    CO_REQUIRE(inits.size() == 1);
    EXPECT_EQ(inits[0]->init().prepared_version_id(), "version-3");
    EXPECT_EQ(inits[0]->init().template_source_archive(), "");
    EXPECT_TRUE(b.server.downloads.empty());
    EXPECT_EQ(b.server.completed[0].workspace_build().modules(0).key(), "child");
    EXPECT_EQ(b.server.completed[0].workspace_build().timings_size(), 3);
    co_await b.finish();
}
TEST(Daemon, StartsFromAFolderThatIsPrepared) { with_bench(starts_from_a_prepared_folder); }

asio::awaitable<void> initializes_what_is_not_prepared(Bench& b) {
    pv::Response missing;
    missing.mutable_init()->set_not_prepared(true);
    b.provisioner.answer(Request::kInit, {missing});
    script_build(b);
    b.server.stored_file = rpc::cut_file("modules");
    b.server.jobs.push_back(build_of_a_cached_version());
    b.start();
    bool done = co_await b.until([&] { return b.server.ended(); });
    CO_REQUIRE(done && b.server.completed.size() == 1);
    auto inits = b.provisioner.of(Request::kInit);
    CO_REQUIRE(inits.size() == 2);
    EXPECT_EQ(inits[1]->init().prepared_version_id(), "version-3");
    EXPECT_EQ(inits[1]->init().template_source_archive(), "a tar");
    EXPECT_THAT(b.server.downloads, ElementsAre("file-9"));
    EXPECT_EQ(b.server.completed[0].workspace_build().timings_size(), 3);
    co_await b.finish();
}
TEST(Daemon, InitializesWhatIsNotPrepared) { with_bench(initializes_what_is_not_prepared); }

job::AcquiredJob build_with_damaged_modules(Bench& b, pv::WorkspaceTransition transition) {
    b.server.stored_file = rpc::cut_file(std::string(3'000'000, 'x'));
    b.server.stored_file[1].mutable_chunk_piece()->set_piece_index(7);
    auto acquired = build_job();
    auto* metadata = acquired.mutable_workspace_build()->mutable_metadata();
    metadata->set_template_version_modules_file("file-9");
    metadata->set_workspace_transition(transition);
    return acquired;
}

// Modules fetched anew may be others than those of the import.
asio::awaitable<void> damaged_modules_at_start(Bench& b) {
    b.server.jobs.push_back(build_with_damaged_modules(b, pv::START));
    b.start();
    bool done = co_await b.until([&] { return b.server.ended(); });
    CO_REQUIRE(done && b.server.failed.size() == 1);
    EXPECT_NE(b.server.failed[0].error().find("stored modules"), std::string::npos);
    EXPECT_EQ(b.server.failed[0].workspace_build().state(), "old state");
    EXPECT_TRUE(b.provisioner.of(Request::kInit).empty());
    co_await b.finish();
}
TEST(Daemon, AStartNeedsTheModulesOfTheImport) { with_bench(damaged_modules_at_start); }

asio::awaitable<void> damaged_modules_at_stop(Bench& b) {
    script_build(b);
    b.server.jobs.push_back(build_with_damaged_modules(b, pv::STOP));
    b.start();
    bool done = co_await b.until([&] { return b.server.ended(); });
    CO_REQUIRE(done && b.server.completed.size() == 1);
    EXPECT_EQ(b.provisioner.of(Request::kInit)[0]->init().initial_module_tar_hash(), "");
    co_await b.finish();
}
TEST(Daemon, AStopGoesOnWithoutModulesThatDoNotAddUp) { with_bench(damaged_modules_at_stop); }

}  // namespace
}  // namespace berth::provisionerd
