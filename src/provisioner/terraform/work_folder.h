#pragma once

#include <filesystem>
#include <memory>

#include "base/result.h"

namespace berth::terraform {

/// A session's own place on disk (0700), removed with everything in it when this is destroyed. The template
/// lies one level below, because the coder provider writes beside the folder that terraform runs in.
class WorkFolder {
public:
    static Result<std::unique_ptr<WorkFolder>> create(const std::filesystem::path& root);
    ~WorkFolder();
    WorkFolder(const WorkFolder&) = delete;
    WorkFolder& operator=(const WorkFolder&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    [[nodiscard]] std::filesystem::path source() const { return path_ / "source"; }
    [[nodiscard]] std::filesystem::path plan() const { return path_ / "plan"; }
    [[nodiscard]] std::filesystem::path state() const { return source() / "terraform.tfstate"; }

private:
    explicit WorkFolder(std::filesystem::path path) : path_(std::move(path)) {}
    std::filesystem::path path_;
};

}  // namespace berth::terraform
