#include "cli/archive.h"

#include <algorithm>
#include <fstream>
#include <memory>
#include <sstream>
#include <vector>

#include <archive.h>
#include <archive_entry.h>

namespace berth::cli {
namespace {

namespace fs = std::filesystem;

struct WriterCloser {
    void operator()(struct archive* writer) const { archive_write_free(writer); }
};
struct EntryCloser {
    void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};
using Writer = std::unique_ptr<struct archive, WriterCloser>;
using Entry = std::unique_ptr<archive_entry, EntryCloser>;

la_ssize_t append(struct archive*, void* out, const void* data, std::size_t size) {
    static_cast<std::string*>(out)->append(static_cast<const char*>(data), size);
    return static_cast<la_ssize_t>(size);
}

bool left_out(const fs::path& name) {
    auto text = name.filename().string();
    return text == ".terraform" || text == ".git" || text == ".svn" || text == ".hg" ||
           text.find(".tfstate") != std::string::npos;
}

bool is_terraform(const fs::path& path) {
    auto name = path.filename().string();
    return name.ends_with(".tf") || name.ends_with(".tf.json") || name.ends_with(".tofu") ||
           name.ends_with(".tofu.json");
}

Result<std::vector<fs::path>> files_of(const fs::path& folder) {
    std::error_code error;
    if (!fs::is_directory(folder, error)) return invalid_argument(folder.string() + " is not a folder");
    std::vector<fs::path> files;
    bool any_terraform = false;
    for (auto it = fs::recursive_directory_iterator(folder, error); it != fs::recursive_directory_iterator();
         it.increment(error)) {
        if (error) return internal_error("cannot read " + folder.string(), error.message());
        if (left_out(it->path())) {
            it.disable_recursion_pending();
            continue;
        }
        if (it->is_directory(error) && !it->is_symlink(error)) continue;
        if (!it->is_regular_file(error) && !it->is_symlink(error)) continue;
        any_terraform = any_terraform || is_terraform(it->path());
        files.push_back(it->path());
    }
    if (error) return internal_error("cannot read " + folder.string(), error.message());
    if (!any_terraform)
        return invalid_argument("there is no Terraform file in " + folder.string(),
                                "is it the template's folder?");
    std::sort(files.begin(), files.end());
    return files;
}

Result<void> write_file(struct archive* writer, const fs::path& folder, const fs::path& path) {
    Entry entry(archive_entry_new());
    auto name = fs::relative(path, folder).string();
    archive_entry_set_pathname(entry.get(), name.c_str());
    if (fs::is_symlink(path)) {
        archive_entry_set_filetype(entry.get(), AE_IFLNK);
        archive_entry_set_symlink(entry.get(), fs::read_symlink(path).c_str());
        archive_entry_set_perm(entry.get(), 0777);
        archive_entry_set_size(entry.get(), 0);
        if (archive_write_header(writer, entry.get()) != ARCHIVE_OK)
            return internal_error("cannot pack " + name, archive_error_string(writer));
        return {};
    }
    std::ifstream file(path, std::ios::binary);
    if (!file) return invalid_argument("cannot read " + path.string());
    std::ostringstream content;
    content << file.rdbuf();
    std::string data = std::move(content).str();
    bool executable = (fs::status(path).permissions() & fs::perms::owner_exec) != fs::perms::none;
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), executable ? 0755 : 0644);
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(data.size()));
    if (archive_write_header(writer, entry.get()) != ARCHIVE_OK ||
        archive_write_data(writer, data.data(), data.size()) != static_cast<la_ssize_t>(data.size()))
        return internal_error("cannot pack " + name, archive_error_string(writer));
    return {};
}

}  // namespace

Result<std::string> pack_template(const fs::path& folder, std::size_t limit) {
    auto files = files_of(folder);
    if (!files) return files.error();
    std::string tar;
    Writer writer(archive_write_new());
    archive_write_set_format_pax_restricted(writer.get());
    archive_write_set_bytes_per_block(writer.get(), 0);
    archive_write_open(writer.get(), &tar, nullptr, append, nullptr);
    for (const auto& path : *files) {
        if (auto written = write_file(writer.get(), folder, path); !written) return written.error();
        if (tar.size() > limit)
            return Error(ErrorCode::too_large,
                         "the template is larger than " + std::to_string(limit >> 20) + " MiB",
                         "keep large files elsewhere, and download them from the template");
    }
    if (archive_write_close(writer.get()) != ARCHIVE_OK)
        return internal_error("cannot pack the template", archive_error_string(writer.get()));
    return tar;
}

}  // namespace berth::cli
