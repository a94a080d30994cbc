#pragma once

#include <deque>
#include <string>
#include <string_view>

#include "agent/link.h"
#include "base/time.h"

namespace berth::agent {

enum class LineLevel { debug, info, warn, error };

/// Cuts a stream of bytes into log lines: valid UTF-8, without line ends. A line longer than `limit` bytes
/// comes in pieces, cut between characters.
class LineSplitter {
public:
    explicit LineSplitter(std::size_t limit = 64 * 1024) : limit_(limit) {}
    std::vector<std::string> add(std::string_view bytes);
    /// What is left at the end of the stream.
    std::vector<std::string> finish();

private:
    void cut(std::vector<std::string>& lines);
    std::size_t limit_;
    std::string rest_;
};

/// Ships log lines to the server in batches. Adding never waits: while the server is away lines are kept up
/// to `limit` bytes, then dropped, and a line says how many. Nothing is sent any more once the server has
/// enough.
class LogSender {
public:
    LogSender(asio::any_io_executor executor, Link& link, base::Clock& clock, base::Logger log,
              std::size_t limit = 1 << 20);

    /// `source` is the 16 raw bytes of a log source's id.
    void add(const std::string& source, LineLevel level, std::string line);
    /// Sends until cancelled.
    asio::awaitable<void> run();
    /// Returns when every line was delivered or given up.
    asio::awaitable<void> drained();

private:
    struct Line {
        std::string source;
        LineLevel level;
        base::Time time;
        std::string text;
    };
    void note_dropped();
    void push(Line line);

    Link& link_;
    base::Clock& clock_;
    base::Logger log_;
    std::size_t limit_;
    std::deque<Line> queue_;
    std::size_t bytes_ = 0;
    std::size_t dropped_ = 0;
    std::string dropped_source_;
    bool limit_exceeded_ = false;
    bool busy_ = false;
    net::Signal changed_;
};

}  // namespace berth::agent
