#pragma once

// Private to net/process.cpp: everything between fork and exec.

#include <string>
#include <vector>

#include "base/result.h"
#include "net/process.h"

namespace berth::net::detail {

/// A descriptor that closes itself. Always above 2, so that a child can place it without collisions.
class Fd {
public:
    Fd() = default;
    explicit Fd(int fd) : fd_(fd) {}
    Fd(Fd&& other) noexcept : fd_(other.release()) {}
    Fd& operator=(Fd&& other) noexcept;
    ~Fd() { reset(); }
    [[nodiscard]] int get() const { return fd_; }
    [[nodiscard]] bool valid() const { return fd_ >= 0; }
    int release() {
        int fd = fd_;
        fd_ = -1;
        return fd;
    }
    void reset();

private:
    int fd_ = -1;
};

struct Spawned {
    pid_t pid = 0;
    Fd pidfd;
    Fd in;
    Fd out;
    Fd err;
};

/// Forks and waits until the program runs, or says why it does not.
Result<Spawned> spawn(const ProcessOptions& options);

}  // namespace berth::net::detail
