#include "coderd/files/archive.h"

#include <array>
#include <memory>

#include <archive.h>
#include <archive_entry.h>

#include "base/text.h"

namespace berth::coderd {
namespace {

struct ReaderClose {
    void operator()(archive* reader) const { archive_read_free(reader); }
};
struct WriterClose {
    void operator()(archive* writer) const { archive_write_free(writer); }
};
using Reader = std::unique_ptr<archive, ReaderClose>;
using Writer = std::unique_ptr<archive, WriterClose>;

enum class Format { tar, zip };

/// Where the writer's bytes go; refuses to grow past its limit.
struct Sink {
    std::string data;
    std::size_t limit = 0;
    bool full = false;
};

la_ssize_t sink_write(archive*, void* context, const void* data, std::size_t size) {
    auto& sink = *static_cast<Sink*>(context);
    if (size > sink.limit - sink.data.size()) {
        sink.full = true;
        return -1;
    }
    sink.data.append(static_cast<const char*>(data), size);
    return static_cast<la_ssize_t>(size);
}

Error damaged(archive* reader, std::string_view kind) {
    const char* why = archive_error_string(reader);
    return invalid_argument("The file is not a readable " + std::string(kind) + " archive.",
                            why != nullptr ? base::to_valid_utf8(why) : std::string());
}

Error exploded() { return {ErrorCode::too_large, "The archive holds more than the server takes."}; }

/// A path that stays below the archive's root, however it is spelled.
bool stays_inside(std::string_view path) {
    if (path.empty() || path.front() == '/' || path.find('\0') != std::string_view::npos) return false;
    for (auto part : base::split(path, '/'))
        if (part == "..") return false;
    return true;
}

Result<Reader> open_reader(std::string_view data, Format format) {
    Reader reader(archive_read_new());
    if (!reader) return internal_error("no memory to read an archive");
    // Only the plain format: no filter (gzip, xz…) that could multiply the input once more.
    if (format == Format::zip) {
        archive_read_support_format_zip(reader.get());
    } else {
        archive_read_support_format_tar(reader.get());
    }
    if (archive_read_open_memory(reader.get(), data.data(), data.size()) != ARCHIVE_OK)
        return damaged(reader.get(), format == Format::zip ? "zip" : "tar");
    return reader;
}

Result<Writer> open_writer(Sink& sink, Format format) {
    Writer writer(archive_write_new());
    if (!writer) return internal_error("no memory to write an archive");
    int set = format == Format::zip ? archive_write_set_format_zip(writer.get())
                                    : archive_write_set_format_pax_restricted(writer.get());
    if (set != ARCHIVE_OK) return internal_error("the archive format is not available");
    if (format == Format::tar) archive_write_set_bytes_per_block(writer.get(), 0);
    if (archive_write_open(writer.get(), &sink, nullptr, sink_write, nullptr) != ARCHIVE_OK)
        return internal_error("the archive cannot be written");
    return writer;
}

class Conversion {
public:
    Conversion(std::string_view data, Format from, Format to, const ArchiveBounds& bounds)
        : data_(data), from_(from), to_(to), bounds_(bounds) {
        // Headers and padding of the target format come on top of the files' bytes.
        sink_.limit = bounds.bytes + bounds.entries * 1024 + (64 << 10);
    }

    Result<std::string> run() {
        auto reader = open_reader(data_, from_);
        if (!reader) return reader.error();
        auto writer = open_writer(sink_, to_);
        if (!writer) return writer.error();
        reader_ = std::move(*reader);
        writer_ = std::move(*writer);
        std::size_t entries = 0;
        while (true) {
            archive_entry* entry = nullptr;
            int got = archive_read_next_header(reader_.get(), &entry);
            if (got == ARCHIVE_EOF) break;
            if (got < ARCHIVE_WARN) return damaged(reader_.get(), name());
            if (++entries > bounds_.entries) return exploded();
            auto copied = copy_entry(entry);
            if (!copied) return copied.error();
        }
        if (entries == 0)
            return invalid_argument("The archive is empty or not a " + std::string(name()) + " archive.");
        if (archive_write_close(writer_.get()) != ARCHIVE_OK) return write_failure();
        if (sink_.data.size() > bounds_.bytes) return exploded();
        return std::move(sink_.data);
    }

private:
    [[nodiscard]] std::string_view name() const { return from_ == Format::zip ? "zip" : "tar"; }

    [[nodiscard]] Error write_failure() const {
        if (sink_.full) return exploded();
        return internal_error("the archive could not be converted");
    }

    Result<void> copy_entry(archive_entry* entry) {
        const char* path = archive_entry_pathname_utf8(entry);
        if (path == nullptr) path = archive_entry_pathname(entry);
        if (path == nullptr || !stays_inside(path))
            return invalid_argument("The archive names a file outside of itself.",
                                    path != nullptr ? base::to_valid_utf8(path) : std::string());
        std::string kept = path;
        archive_entry_set_pathname_utf8(entry, kept.c_str());
        auto type = archive_entry_filetype(entry);
        bool linked = archive_entry_symlink(entry) != nullptr || archive_entry_hardlink(entry) != nullptr;
        // Devices, sockets and the like have no place in a template.
        if (type != AE_IFREG && type != AE_IFDIR && !linked) return {};
        if (type == AE_IFREG && !linked) return copy_file(entry);
        archive_entry_set_size(entry, 0);
        if (archive_write_header(writer_.get(), entry) < ARCHIVE_WARN) return write_failure();
        return {};
    }

    /// A zip entry's size may be unknown until its end, and lie before it; the bytes that come are what
    /// counts.
    Result<void> copy_file(archive_entry* entry) {
        std::string content;
        std::array<char, 64 << 10> buffer;
        while (true) {
            auto got = archive_read_data(reader_.get(), buffer.data(), buffer.size());
            if (got == 0) break;
            if (got < 0) return damaged(reader_.get(), name());
            total_ += static_cast<std::size_t>(got);
            if (total_ > bounds_.bytes) return exploded();
            content.append(buffer.data(), static_cast<std::size_t>(got));
        }
        archive_entry_set_size(entry, static_cast<la_int64_t>(content.size()));
        if (archive_write_header(writer_.get(), entry) < ARCHIVE_WARN) return write_failure();
        std::string_view rest = content;
        while (!rest.empty()) {
            auto written = archive_write_data(writer_.get(), rest.data(), rest.size());
            if (written <= 0) return write_failure();
            rest.remove_prefix(static_cast<std::size_t>(written));
        }
        return {};
    }

    std::string_view data_;
    Format from_;
    Format to_;
    ArchiveBounds bounds_;
    // The writer's close calls into the sink, so the sink is destroyed after it.
    Sink sink_;
    Reader reader_;
    Writer writer_;
    std::size_t total_ = 0;
};

}  // namespace

Result<std::string> zip_to_tar(std::string_view zip, const ArchiveBounds& bounds) {
    return Conversion(zip, Format::zip, Format::tar, bounds).run();
}

Result<std::string> tar_to_zip(std::string_view tar, const ArchiveBounds& bounds) {
    return Conversion(tar, Format::tar, Format::zip, bounds).run();
}

}  // namespace berth::coderd
