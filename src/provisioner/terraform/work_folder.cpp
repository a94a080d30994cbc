#include "provisioner/terraform/work_folder.h"

#include <cerrno>
#include <cstring>

#include <stdlib.h>
#include <sys/stat.h>

#include "base/log.h"

namespace berth::terraform {

Result<std::unique_ptr<WorkFolder>> WorkFolder::create(const std::filesystem::path& root) {
    std::error_code failed;
    std::filesystem::create_directories(root, failed);
    if (failed) return internal_error("cannot create the provisioner's work folder", failed.message());
    auto name = (std::filesystem::absolute(root) / "session-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr)
        return internal_error("cannot create the provisioner's work folder", std::strerror(errno));
    std::unique_ptr<WorkFolder> folder(new WorkFolder(name));
    if (::mkdir(folder->source().c_str(), 0700) != 0)
        return internal_error("cannot create the provisioner's work folder", std::strerror(errno));
    return folder;
}

WorkFolder::~WorkFolder() {
    std::error_code failed;
    std::filesystem::remove_all(path_, failed);
    if (failed)
        base::Logger("terraform")
            .warn("cannot remove a work folder", field("path", path_.string()),
                  field("reason", failed.message()));
}

}  // namespace berth::terraform
