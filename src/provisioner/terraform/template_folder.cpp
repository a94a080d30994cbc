#include "provisioner/terraform/template_folder.h"

#include "provisioner/terraform/configuration.h"

namespace berth::terraform {
namespace {

namespace fs = std::filesystem;

/// `terraform init -json` came with these.
bool knows_init_json(const TerraformBinary& terraform) {
    return terraform.tofu ? terraform.number >= std::array<int, 3>{1, 11, 0}
                          : terraform.number >= std::array<int, 3>{1, 9, 0};
}

/// A template must not bring its author's state, plugins or modules: the build's own would be mixed up with
/// them.
void remove_leftovers(const fs::path& folder) {
    std::error_code ignored;
    fs::remove_all(folder / ".terraform", ignored);
    for (const char* name : {"terraform.tfstate", "terraform.tfstate.backup", ".terraform.tfstate.lock.info"})
        fs::remove_all(folder / name, ignored);
}

}  // namespace

Result<void> unpack_template(const fs::path& folder, const std::string& archive, const std::string& modules,
                             const ArchiveLimits& limits) {
    auto done = unpack_tar(archive, folder, limits);
    if (!done) return done;
    remove_leftovers(folder);
    if (modules.empty()) return check_configuration_size(folder);
    done = unpack_tar(modules, folder, limits, modules_folder);
    if (!done) return done.error().wrap("the template's stored modules");
    std::error_code failed;
    if (fs::exists(folder / packed_lock_file, failed)) {
        fs::rename(folder / packed_lock_file, folder / lock_file, failed);
        if (failed)
            return internal_error("cannot put the template's lock file in its place", failed.message());
    }
    return check_configuration_size(folder);
}

std::vector<std::string> init_command(const TerraformBinary& terraform) {
    std::vector<std::string> args{"init", "-input=false", "-no-color"};
    if (knows_init_json(terraform)) args.push_back("-json");
    return args;
}

}  // namespace berth::terraform
