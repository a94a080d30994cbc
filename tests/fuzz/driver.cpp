// Runs a fuzz target without libFuzzer: first every seed as it is, then mutations of the seeds, for a number
// of seconds.
//   <name>_fuzz [--seconds N] [--seed N] [--crash-file FILE] [FILE or FOLDER]...
// The same seed gives the same inputs in the same order. The input being run is kept in the crash file until
// it is done, so that after a crash `<name>_fuzz --seconds 0 FILE` runs it again.
#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::size_t max_input = 64 * 1024;

/// The input being run, in a mapped file: its bytes are there even when the process is killed by a sanitizer.
class CrashFile {
public:
    explicit CrashFile(const std::string& path) : path_(path) {
        if (path.empty()) return;
        int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
        if (file < 0 || ::ftruncate(file, sizeof(std::uint64_t) + max_input) != 0) return;
        void* memory =
            ::mmap(nullptr, sizeof(std::uint64_t) + max_input, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        ::close(file);
        if (memory != MAP_FAILED) memory_ = static_cast<std::uint8_t*>(memory);
    }
    CrashFile(const CrashFile&) = delete;
    CrashFile& operator=(const CrashFile&) = delete;
    ~CrashFile() {
        if (memory_) ::unlink(path_.c_str());
    }

    void keep(const Bytes& input) {
        if (!memory_) return;
        std::uint64_t size = std::min(input.size(), max_input);
        std::copy_n(reinterpret_cast<const std::uint8_t*>(&size), sizeof(size), memory_);
        std::copy_n(input.data(), size, memory_ + sizeof(size));
    }

    /// Whether the file's first bytes say how many follow: then it is a crash file, else a plain input.
    static Bytes unwrap(Bytes file) {
        std::uint64_t size = 0;
        if (file.size() != sizeof(size) + max_input) return file;
        std::copy_n(file.data(), sizeof(size), reinterpret_cast<std::uint8_t*>(&size));
        if (size > max_input) return file;
        return Bytes(file.begin() + sizeof(size),
                     file.begin() + static_cast<std::ptrdiff_t>(sizeof(size) + size));
    }

private:
    std::string path_;
    std::uint8_t* memory_ = nullptr;
};

class Mutator {
public:
    Mutator(const std::vector<Bytes>& seeds, std::uint64_t seed) : seeds_(seeds), random_(seed) {}

    Bytes next() {
        Bytes input = seeds_[below(seeds_.size())];
        std::size_t steps = 1 + below(8);
        for (std::size_t step = 0; step < steps; ++step)
            change(input);
        if (input.size() > max_input) input.resize(max_input);
        return input;
    }

private:
    std::size_t below(std::size_t limit) { return limit ? random_() % limit : 0; }

    void change(Bytes& input) {
        static constexpr std::uint8_t telling[] = {0x00, 0x01, 0x7f, 0x80, 0xff, '\n', '\r',
                                                   '"',  '{',  '}',  '%',  ':',  ' '};
        std::size_t at = below(input.size() + 1);
        auto position = input.begin() + static_cast<std::ptrdiff_t>(at);
        std::size_t length = std::min(below(16) + 1, input.size() - at);
        switch (below(9)) {
            case 0:
                if (at < input.size()) input[at] ^= static_cast<std::uint8_t>(1u << below(8));
                break;
            case 1:
                if (at < input.size()) input[at] = telling[below(std::size(telling))];
                break;
            case 2:
                input.insert(position, telling[below(std::size(telling))]);
                break;
            case 3:
                input.erase(position, position + static_cast<std::ptrdiff_t>(length));
                break;
            case 4:
                input.resize(at);
                break;
            case 5: {  // a piece again
                Bytes piece(position, position + static_cast<std::ptrdiff_t>(length));
                input.insert(position, piece.begin(), piece.end());
                break;
            }
            case 6: {  // a big-endian length that lies
                for (std::size_t i = 0; i < 4 && at + i < input.size(); ++i) {
                    input[at + i] = static_cast<std::uint8_t>(below(2) ? 0xff : below(4));
                }
                break;
            }
            case 7: {  // the end of another seed
                const Bytes& other = seeds_[below(seeds_.size())];
                std::size_t from = below(other.size() + 1);
                input.resize(at);
                input.insert(input.end(), other.begin() + static_cast<std::ptrdiff_t>(from), other.end());
                break;
            }
            default: {
                std::size_t count = below(32);
                for (std::size_t i = 0; i < count; ++i)
                    input.push_back(static_cast<std::uint8_t>(random_()));
            }
        }
    }

    const std::vector<Bytes>& seeds_;
    std::mt19937_64 random_;
};

Bytes read_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return Bytes(std::istreambuf_iterator<char>(file), {});
}

void add_seeds(const std::filesystem::path& path, std::vector<Bytes>& seeds) {
    std::vector<std::filesystem::path> files;
    if (std::filesystem::is_directory(path)) {
        for (const auto& entry : std::filesystem::directory_iterator(path)) {
            if (entry.is_regular_file()) files.push_back(entry.path());
        }
        std::sort(files.begin(), files.end());
    } else if (std::filesystem::exists(path)) {
        files.push_back(path);
    }
    for (const auto& file : files)
        seeds.push_back(CrashFile::unwrap(read_file(file)));
}

std::uint64_t number(std::string_view text) {
    std::uint64_t value = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) {
        std::fprintf(stderr, "not a number: %.*s\n", static_cast<int>(text.size()), text.data());
        std::exit(64);
    }
    return value;
}

}  // namespace

int main(int argc, char** argv) {
    std::uint64_t seconds = 20;
    std::uint64_t seed = 1;
    std::string crash_path;
    std::vector<Bytes> seeds;
    for (int i = 1; i < argc; ++i) {
        std::string_view argument = argv[i];
        bool has_value = i + 1 < argc;
        if (argument == "--seconds" && has_value) {
            seconds = number(argv[++i]);
        } else if (argument == "--seed" && has_value) {
            seed = number(argv[++i]);
        } else if (argument == "--crash-file" && has_value) {
            crash_path = argv[++i];
        } else {
            add_seeds(argument, seeds);
        }
    }
    if (seeds.empty()) seeds.push_back({});

    CrashFile crash(crash_path);
    std::uint64_t runs = 0;
    auto run = [&](const Bytes& input) {
        crash.keep(input);
        LLVMFuzzerTestOneInput(input.data(), input.size());
        ++runs;
    };
    for (const Bytes& input : seeds)
        run(input);
    Mutator mutator(seeds, seed);
    auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
    while (std::chrono::steady_clock::now() < end) {
        for (int i = 0; i < 16; ++i)
            run(mutator.next());
    }
    std::printf("%llu inputs, from %zu seeds\n", static_cast<unsigned long long>(runs), seeds.size());
}
