#include <algorithm>
#include <map>
#include <memory>

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include "base/crypto.h"
#include "provisioner/terraform/archive.h"
#include "provisioner/terraform/files.h"

namespace berth::terraform {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t max_entries = 100'000;
/// A tar header, and at most one block of padding.
constexpr std::size_t entry_overhead = 1'024;

struct Entry {
    std::string path;
    fs::path source;
    bool link = false;
    bool executable = false;
    std::size_t size = 0;
};

/// One folder of .terraform/modules, or its loose files under the empty key.
struct ModuleFiles {
    std::vector<Entry> entries;
    std::size_t size = 0;
};

Result<std::map<std::string, ModuleFiles>> collect(const fs::path& root) {
    std::map<std::string, ModuleFiles> modules;
    std::error_code failed;
    if (!fs::exists(root, failed)) return modules;
    std::size_t entries = 0;
    for (fs::recursive_directory_iterator it(root, failed), end; !failed && it != end; it.increment(failed)) {
        if (++entries > max_entries) return invalid_argument("the template's modules have too many files");
        auto status = it->symlink_status(failed);
        if (failed) break;
        auto relative = it->path().lexically_relative(root);
        if (fs::is_directory(status)) {
            if (relative.filename() == ".git") it.disable_recursion_pending();
            continue;
        }
        Entry entry{fmt::format("{}/{}", modules_folder, relative.string()), it->path()};
        entry.link = fs::is_symlink(status);
        // A link that leads elsewhere would not mean the same on another machine.
        auto depth = static_cast<std::size_t>(std::distance(relative.begin(), relative.end())) - 1;
        if (entry.link && !link_stays_inside(fs::read_symlink(it->path(), failed).string(), depth)) continue;
        if (!entry.link && !fs::is_regular_file(status)) continue;
        if (!entry.link) entry.size = it->file_size(failed);
        if (failed) break;
        entry.executable = (status.permissions() & fs::perms::owner_exec) != fs::perms::none;
        auto key = depth > 0 ? relative.begin()->string() : std::string();
        auto& module = modules[key];
        module.size += entry.size + entry_overhead;
        module.entries.push_back(std::move(entry));
    }
    if (failed) return internal_error("cannot read the installed modules", failed.message());
    return modules;
}

std::vector<std::string> drop_biggest(std::map<std::string, ModuleFiles>& modules, std::size_t limit) {
    std::vector<std::string> dropped;
    std::size_t total = entry_overhead;
    for (const auto& [key, module] : modules)
        total += module.size;
    while (total > limit) {
        auto biggest = modules.end();
        for (auto it = modules.begin(); it != modules.end(); ++it)
            if (!it->first.empty() && (biggest == modules.end() || it->second.size > biggest->second.size))
                biggest = it;
        if (biggest == modules.end()) break;
        total -= biggest->second.size;
        dropped.push_back(biggest->first);
        modules.erase(biggest);
    }
    return dropped;
}

la_ssize_t append(struct archive*, void* out, const void* data, std::size_t size) {
    static_cast<std::string*>(out)->append(static_cast<const char*>(data), size);
    return static_cast<la_ssize_t>(size);
}

Result<void> write_entry(struct archive* writer, const Entry& entry) {
    std::unique_ptr<struct archive_entry, void (*)(struct archive_entry*)> header(archive_entry_new(),
                                                                                  archive_entry_free);
    archive_entry_set_pathname(header.get(), entry.path.c_str());
    archive_entry_set_mtime(header.get(), 0, 0);
    archive_entry_set_uid(header.get(), 0);
    archive_entry_set_gid(header.get(), 0);
    std::string content;
    if (entry.link) {
        std::error_code failed;
        auto target = fs::read_symlink(entry.source, failed);
        if (failed) return internal_error("cannot read the installed modules", failed.message());
        archive_entry_set_filetype(header.get(), AE_IFLNK);
        archive_entry_set_perm(header.get(), 0777);
        archive_entry_set_symlink(header.get(), target.c_str());
    } else {
        auto read = read_file(entry.source, 1u << 30);
        if (!read) return read.error();
        content = std::move(*read);
        archive_entry_set_filetype(header.get(), AE_IFREG);
        archive_entry_set_perm(header.get(), entry.executable ? 0755 : 0644);
    }
    archive_entry_set_size(header.get(), static_cast<la_int64_t>(content.size()));
    if (archive_write_header(writer, header.get()) != ARCHIVE_OK ||
        archive_write_data(writer, content.data(), content.size()) != static_cast<la_ssize_t>(content.size()))
        return internal_error("cannot pack the installed modules", archive_error_string(writer));
    return {};
}

}  // namespace

Result<ModuleArchive> pack_modules(const fs::path& folder, std::size_t limit) {
    ModuleArchive packed;
    auto modules = collect(folder / modules_folder);
    if (!modules) return modules.error();
    std::error_code ignored;
    if (auto lock = folder / lock_file; fs::is_regular_file(fs::symlink_status(lock, ignored)))
        (*modules)[""].entries.push_back({std::string(packed_lock_file), lock});
    if (modules->empty()) return packed;
    packed.dropped = drop_biggest(*modules, limit);

    std::vector<Entry> entries;
    for (auto& [key, module] : *modules)
        for (auto& entry : module.entries)
            entries.push_back(std::move(entry));
    std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.path < b.path; });

    std::unique_ptr<struct archive, int (*)(struct archive*)> writer(archive_write_new(), archive_write_free);
    archive_write_set_format_pax_restricted(writer.get());
    archive_write_set_bytes_in_last_block(writer.get(), 1);
    if (archive_write_open(writer.get(), &packed.tar, nullptr, append, nullptr) != ARCHIVE_OK)
        return internal_error("cannot pack the installed modules", archive_error_string(writer.get()));
    for (const auto& entry : entries) {
        auto written = write_entry(writer.get(), entry);
        if (!written) return written.error();
    }
    if (archive_write_close(writer.get()) != ARCHIVE_OK)
        return internal_error("cannot pack the installed modules", archive_error_string(writer.get()));
    auto hash = base::sha256(packed.tar);
    packed.hash.assign(hash.begin(), hash.end());
    return packed;
}

}  // namespace berth::terraform
