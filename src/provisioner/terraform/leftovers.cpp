#include "provisioner/terraform/leftovers.h"

#include <csignal>
#include <fstream>
#include <set>

#include <fcntl.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "provisioner/terraform/saved_state.h"

namespace berth::terraform {
namespace {

namespace fs = std::filesystem;

constexpr auto look_again = std::chrono::milliseconds(100);

struct Found {
    std::vector<pid_t> terraform;
    /// Scripts that are about to become terraform, or wait for one they started.
    std::vector<pid_t> wrappers;
    std::vector<pid_t> providers;

    [[nodiscard]] bool working() const { return !terraform.empty() || !wrappers.empty(); }
};

bool is_inside(const fs::path& path, const fs::path& folder) {
    auto text = path.string();
    return text.starts_with(folder.string() + "/");
}

bool is_terraform(std::string_view name) { return name.starts_with("terraform") || name.starts_with("tofu"); }

/// What version managers put in the place of terraform: an interpreter runs it, so that it is an argument.
bool is_wrapper(pid_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/cmdline", std::ios::binary);
    std::string word;
    for (int i = 0; i < 3 && std::getline(file, word, '\0'); ++i) {
        auto name = fs::path(word).filename();
        if (name == "terraform" || name == "tofu") return true;
    }
    return false;
}

/// The processes that work in the folder, by the names of their programs.
Found processes_in(const fs::path& folder) {
    Found found;
    std::error_code failed;
    for (fs::directory_iterator entry("/proc", failed), end; !failed && entry != end;
         entry.increment(failed)) {
        auto pid = base::parse_int<pid_t>(entry->path().filename().string());
        if (!pid) continue;
        std::error_code gone;
        auto cwd = fs::read_symlink(entry->path() / "cwd", gone);
        if (gone || !is_inside(cwd, folder)) continue;
        auto program = fs::read_symlink(entry->path() / "exe", gone).filename().string();
        if (program.starts_with("terraform-provider-"))
            found.providers.push_back(*pid);
        else if (is_terraform(program))
            found.terraform.push_back(*pid);
        else if (is_wrapper(*pid))
            found.wrappers.push_back(*pid);
    }
    return found;
}

/// Its output is a pipe that nobody reads any more: full, it would stop the process before its end.
void drain_output(pid_t pid) {
    for (const char* number : {"1", "2"}) {
        auto name = "/proc/" + std::to_string(pid) + "/fd/" + number;
        int pipe = ::open(name.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
        if (pipe < 0) continue;
        std::vector<char> buffer(64 << 10);
        while (::read(pipe, buffer.data(), buffer.size()) > 0) {
        }
        ::close(pipe);
    }
}

asio::awaitable<void> end_processes(const fs::path& folder, base::Duration grace, base::Clock& clock) {
    auto deadline = clock.steady_now() + grace;
    std::set<pid_t> asked;
    while (true) {
        auto found = processes_in(folder);
        bool late = clock.steady_now() >= deadline;
        if (!found.working()) {
            for (pid_t pid : found.providers)
                ::kill(pid, SIGKILL);
            if (found.providers.empty()) co_return;
        }
        for (pid_t pid : found.terraform) {
            drain_output(pid);
            if (late)
                ::kill(pid, SIGKILL);
            else if (asked.insert(pid).second)
                ::kill(pid, SIGINT);
        }
        for (pid_t pid : found.wrappers) {
            drain_output(pid);
            if (late) ::kill(pid, SIGKILL);
        }
        co_await clock.sleep(look_again);
    }
}

}  // namespace

void kill_processes(const fs::path& folder) {
    auto found = processes_in(folder);
    for (const auto* pids : {&found.terraform, &found.wrappers, &found.providers})
        for (pid_t pid : *pids)
            ::kill(pid, SIGKILL);
}

asio::awaitable<std::vector<Leftover>> recover_sessions(fs::path root, std::string owner,
                                                        base::Duration grace, base::Clock& clock) {
    std::vector<Leftover> leftovers;
    WorkFolder::remove_doomed(root);
    std::error_code failed;
    std::vector<fs::path> candidates;
    for (fs::directory_iterator entry(root, failed), end; !failed && entry != end; entry.increment(failed))
        candidates.push_back(fs::absolute(entry->path()));
    for (const auto& path : candidates) {
        Leftover leftover;
        leftover.folder = WorkFolder::adopt(path, owner);
        if (!leftover.folder) continue;
        co_await end_processes(path, grace, clock);
        auto state = read_saved_state(leftover.folder->state());
        if (!state) {
            // Better a folder too many than a state too few.
            base::Logger("terraform")
                .error("the state of a session that broke off cannot be read", field("path", path.string()),
                       field("error", state.error()));
            continue;
        }
        leftover.state = std::move(*state);
        leftovers.push_back(std::move(leftover));
    }
    co_return leftovers;
}

}  // namespace berth::terraform
