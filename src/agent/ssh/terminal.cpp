#include "agent/ssh/terminal.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

namespace berth::agent::ssh {

Result<Terminal> Terminal::open(const TerminalSize& size) {
    int ours = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (ours < 0) return internal_error("cannot open a terminal", std::strerror(errno));
    char name[64];
    int program = -1;
    if (::grantpt(ours) == 0 && ::unlockpt(ours) == 0 && ::ptsname_r(ours, name, sizeof name) == 0)
        program = ::open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (program < 0) {
        Error error = internal_error("cannot open a terminal", std::strerror(errno));
        ::close(ours);
        return error;
    }
    termios modes{};
    if (::tcgetattr(program, &modes) == 0) {
        modes.c_iflag |= IUTF8;
        ::tcsetattr(program, TCSANOW, &modes);
    }
    Terminal terminal(ours, program, name);
    terminal.resize(size);
    return terminal;
}

Terminal::~Terminal() {
    if (our_end_ >= 0) ::close(our_end_);
    close_program_end();
}

Terminal::Terminal(Terminal&& other) noexcept
    : our_end_(std::exchange(other.our_end_, -1)),
      program_end_(std::exchange(other.program_end_, -1)),
      name_(std::move(other.name_)) {}

Terminal& Terminal::operator=(Terminal&& other) noexcept {
    std::swap(our_end_, other.our_end_);
    std::swap(program_end_, other.program_end_);
    std::swap(name_, other.name_);
    return *this;
}

void Terminal::resize(const TerminalSize& size) const {
    auto clamp = [](int value) { return static_cast<unsigned short>(std::clamp(value, 0, 0xffff)); };
    winsize window{clamp(size.rows), clamp(size.columns), clamp(size.pixel_width), clamp(size.pixel_height)};
    ::ioctl(our_end_, TIOCSWINSZ, &window);
}

int Terminal::duplicate_our_end() const { return ::fcntl(our_end_, F_DUPFD_CLOEXEC, 0); }

void Terminal::close_program_end() {
    if (program_end_ >= 0) ::close(std::exchange(program_end_, -1));
}

}  // namespace berth::agent::ssh
