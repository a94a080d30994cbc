#pragma once

#include <string>

#include "base/result.h"

namespace berth::agent::ssh {

struct TerminalSize {
    int columns = 0;
    int rows = 0;
    int pixel_width = 0;
    int pixel_height = 0;
};

/// A pseudo terminal: the program's end and ours. Both are closed with it.
class Terminal {
public:
    static Result<Terminal> open(const TerminalSize& size);
    ~Terminal();
    Terminal(Terminal&& other) noexcept;
    Terminal& operator=(Terminal&& other) noexcept;

    [[nodiscard]] int program_end() const { return program_end_; }
    /// "/dev/pts/3"
    [[nodiscard]] const std::string& name() const { return name_; }
    /// Tells the programs on it, too.
    void resize(const TerminalSize& size) const;
    /// Another descriptor of our end; the caller owns it.
    [[nodiscard]] int duplicate_our_end() const;
    /// After the program has its end: so that the terminal hangs up when the program is gone.
    void close_program_end();

private:
    Terminal(int our_end, int program_end, std::string name)
        : our_end_(our_end), program_end_(program_end), name_(std::move(name)) {}
    int our_end_ = -1;
    int program_end_ = -1;
    std::string name_;
};

}  // namespace berth::agent::ssh
