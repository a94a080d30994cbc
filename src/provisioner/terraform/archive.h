#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace berth::terraform {

struct ArchiveLimits {
    std::size_t files = 20'000;
    std::size_t bytes = 256u << 20;
    std::size_t path_length = 1'024;
    std::size_t path_depth = 64;
};

/// Unpacks a tar (plain, gzip or zstd) into an empty folder. Refused as a whole, with a reason: absolute
/// paths, `..`, hard links, devices, symbolic links that leave the folder, and anything above the limits.
/// Nothing is written through a symbolic link. Only the executable bit of a mode survives. With `only_under`,
/// other paths are refused.
Result<void> unpack_tar(std::string_view tar, const std::filesystem::path& into,
                        const ArchiveLimits& limits = {}, std::string_view only_under = {});

/// Whether a symbolic link to `target`, `depth` folders below the root, stays below the root. Only leading
/// `..` are taken: after a name, one could start from wherever another link leads.
bool link_stays_inside(std::string_view target, std::size_t depth);

struct ModuleArchive {
    /// Empty when the template installs no modules and needs no providers.
    std::string tar;
    /// SHA-256 of `tar`, 32 raw bytes.
    std::string hash;
    /// Keys of modules left out because the archive would be larger than the limit.
    std::vector<std::string> dropped;
};

/// Packs `.terraform/modules` of a prepared template, and the lock file that says which providers its init
/// chose. The same content gives the same bytes: sorted, without times, owners or version control folders.
/// Above `limit` bytes the biggest modules are left out; terraform installs those again by itself.
Result<ModuleArchive> pack_modules(const std::filesystem::path& folder, std::size_t limit = 20u << 20);

/// The folder that pack_modules packs and that a module archive may hold.
inline constexpr std::string_view modules_folder = ".terraform/modules";
/// Terraform's lock file of the import, in a module archive and in its place.
inline constexpr std::string_view packed_lock_file = ".terraform/modules/berth.lock.hcl";
inline constexpr std::string_view lock_file = ".terraform.lock.hcl";

}  // namespace berth::terraform
