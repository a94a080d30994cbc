#include "coderd/templates/examples.h"

#include <map>

#include <archive.h>
#include <archive_entry.h>

#include "base/text.h"

namespace berth::coderd {
namespace {

std::string unquoted(std::string_view text) {
    text = base::trim(text);
    if (text.size() >= 2 && (text.front() == '"' || text.front() == '\'') && text.back() == text.front())
        text = text.substr(1, text.size() - 2);
    return std::string(text);
}

std::vector<std::string> inline_list(std::string_view text) {
    text = base::trim(text);
    std::vector<std::string> items;
    if (text.size() < 2 || text.front() != '[' || text.back() != ']') return items;
    for (auto item : base::split(text.substr(1, text.size() - 2), ','))
        items.push_back(unquoted(item));
    return items;
}

void apply(sdk::TemplateExample& example, std::string_view key, std::string_view value) {
    if (key == "display_name") example.name = unquoted(value);
    if (key == "description") example.description = unquoted(value);
    if (key == "icon") example.icon = unquoted(value);
    if (key == "tags") example.tags = inline_list(value);
}

}  // namespace

sdk::TemplateExample parse_example(std::string id, std::string_view readme) {
    sdk::TemplateExample example;
    example.id = id;
    example.name = std::move(id);
    constexpr std::string_view fence = "---\n";
    auto end = readme.starts_with(fence) ? readme.find("\n---", fence.size() - 1) : std::string_view::npos;
    if (end == std::string_view::npos) {
        example.markdown = readme;
        return example;
    }
    for (auto line : base::split(readme.substr(fence.size(), end - fence.size() + 1), '\n')) {
        auto colon = line.find(':');
        if (colon != std::string_view::npos)
            apply(example, base::trim(line.substr(0, colon)), line.substr(colon + 1));
    }
    auto body = readme.find('\n', end + 1);
    if (body != std::string_view::npos) example.markdown = readme.substr(body + 1);
    return example;
}

std::vector<sdk::TemplateExample> list_examples() {
    std::map<std::string, std::string_view> readmes;
    for (const auto& file : embedded_examples()) {
        auto slash = file.path.find('/');
        auto& readme = readmes[std::string(file.path.substr(0, slash))];
        if (file.path.substr(slash + 1) == "README.md") readme = file.content;
    }
    std::vector<sdk::TemplateExample> examples;
    for (const auto& [id, readme] : readmes)
        examples.push_back(parse_example(id, readme));
    return examples;
}

Result<std::string> example_archive(std::string_view id) {
    std::string prefix = std::string(id) + "/";
    std::vector<ExampleFile> files;
    std::size_t room = 64 << 10;
    for (const auto& file : embedded_examples()) {
        if (!file.path.starts_with(prefix)) continue;
        files.push_back(file);
        room += file.content.size() + 4096;
    }
    if (files.empty() || id.empty()) return not_found("There is no such example.");
    std::string tar(room, '\0');
    std::size_t used = 0;
    archive* writer = archive_write_new();
    archive_write_set_format_ustar(writer);
    archive_write_open_memory(writer, tar.data(), tar.size(), &used);
    bool good = true;
    for (const auto& file : files) {
        archive_entry* entry = archive_entry_new();
        archive_entry_set_pathname(entry, std::string(file.path.substr(prefix.size())).c_str());
        archive_entry_set_filetype(entry, AE_IFREG);
        archive_entry_set_perm(entry, 0644);
        archive_entry_set_size(entry, static_cast<la_int64_t>(file.content.size()));
        good = good && archive_write_header(writer, entry) == ARCHIVE_OK &&
               archive_write_data(writer, file.content.data(), file.content.size()) ==
                   static_cast<la_ssize_t>(file.content.size());
        archive_entry_free(entry);
    }
    good = archive_write_close(writer) == ARCHIVE_OK && good;
    archive_write_free(writer);
    if (!good) return internal_error("the example could not be packed");
    tar.resize(used);
    return tar;
}

}  // namespace berth::coderd
