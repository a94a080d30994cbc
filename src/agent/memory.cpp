#include "agent/memory.h"

#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include <sys/mman.h>

namespace berth::agent {

void release_program_pages() {
    std::error_code error;
    auto program = std::filesystem::read_symlink("/proc/self/exe", error).string();
    if (error) return;
    std::ifstream maps("/proc/self/maps");
    for (std::string line; std::getline(maps, line);) {
        std::uintptr_t begin = 0;
        std::uintptr_t end = 0;
        char access[5] = {};
        if (std::sscanf(line.c_str(), "%" SCNxPTR "-%" SCNxPTR " %4s", &begin, &end, access) != 3) continue;
        // Code only: it is never written, so that nothing is lost. Read-only data may hold relocations.
        if (std::string_view(access) != "r-xp" || !line.ends_with(program)) continue;
        ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
    }
}

}  // namespace berth::agent
