#pragma once

#include <filesystem>
#include <optional>
#include <utility>

#include "base/result.h"

namespace berth::terraform {

/// An exclusive lock on a file, made when it is not there. The kernel releases it when this process dies.
class FileLock {
public:
    /// Waits until it is free.
    static Result<FileLock> take(const std::filesystem::path& path);
    /// nullopt when somebody else holds it, or the file cannot be made.
    static std::optional<FileLock> try_take(const std::filesystem::path& path);
    FileLock(FileLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
    FileLock& operator=(FileLock&& other) noexcept {
        std::swap(file_, other.file_);
        return *this;
    }
    ~FileLock();

private:
    explicit FileLock(int file) : file_(file) {}

    int file_;
};

}  // namespace berth::terraform
