#include "coderd/files/archive_testing.h"

#include <archive.h>
#include <archive_entry.h>

namespace berth::coderd {
namespace {

std::string make(const ArchiveFiles& files, bool zip) {
    std::size_t room = 1 << 20;
    for (const auto& [path, content] : files)
        room += content.size() + 2048;
    std::string out(room, '\0');
    std::size_t used = 0;
    archive* writer = archive_write_new();
    zip ? archive_write_set_format_zip(writer) : archive_write_set_format_ustar(writer);
    archive_write_open_memory(writer, out.data(), out.size(), &used);
    for (const auto& [path, content] : files) {
        archive_entry* entry = archive_entry_new();
        archive_entry_set_pathname(entry, path.c_str());
        archive_entry_set_filetype(entry, path.ends_with('/') ? AE_IFDIR : AE_IFREG);
        archive_entry_set_perm(entry, path.ends_with('/') ? 0755 : 0644);
        archive_entry_set_size(entry, static_cast<la_int64_t>(content.size()));
        archive_write_header(writer, entry);
        archive_write_data(writer, content.data(), content.size());
        archive_entry_free(entry);
    }
    archive_write_free(writer);
    out.resize(used);
    return out;
}

}  // namespace

std::string make_tar(const ArchiveFiles& files) { return make(files, false); }
std::string make_zip(const ArchiveFiles& files) { return make(files, true); }

ArchiveFiles list_archive(const std::string& data) {
    ArchiveFiles files;
    archive* reader = archive_read_new();
    archive_read_support_format_tar(reader);
    archive_read_support_format_zip(reader);
    archive_entry* entry = nullptr;
    if (archive_read_open_memory(reader, data.data(), data.size()) == ARCHIVE_OK) {
        while (archive_read_next_header(reader, &entry) == ARCHIVE_OK) {
            std::string content(static_cast<std::size_t>(archive_entry_size(entry)), '\0');
            auto got = archive_read_data(reader, content.data(), content.size());
            content.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
            files.emplace_back(archive_entry_pathname(entry), std::move(content));
        }
    }
    archive_read_free(reader);
    return files;
}

}  // namespace berth::coderd
