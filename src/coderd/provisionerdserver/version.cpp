#include "coderd/provisionerdserver/version.h"

#include <string>

#include "base/text.h"
#include "rpc/provisionerd.h"

namespace berth::coderd {

Result<void> check_provisionerd_version(std::string_view text) {
    using namespace rpc::provisionerd;
    auto dot = text.find('.');
    auto major = base::parse_int<int>(text.substr(0, dot));
    auto minor = dot == std::string_view::npos ? std::nullopt : base::parse_int<int>(text.substr(dot + 1));
    if (!major || !minor || *major < 0 || *minor < 0)
        return invalid_argument("The provisioner daemon's version is malformed.")
            .with_field("version", "must look like \"1.17\"");
    std::string ours = std::to_string(version_major) + "." + std::to_string(version_minor);
    std::string detail = "the daemon speaks " + std::string(text) + ", this server " + ours;
    if (*major > version_major || (*major == version_major && *minor > version_minor))
        return invalid_argument("The provisioner daemon is newer than this server: upgrade the server first.")
            .with_field("version", detail);
    if (*major < version_major)
        return invalid_argument("The provisioner daemon is too old for this server: upgrade the daemon.")
            .with_field("version", detail);
    return {};
}

}  // namespace berth::coderd
