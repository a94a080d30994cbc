// REST bodies: any bytes decode or are refused, and what decodes encodes to what decodes to the same again.
// fuzz-links: berth_sdk berth_net berth_base
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "sdk/api_keys.h"
#include "sdk/codec.h"
#include "sdk/deployment_values.h"
#include "sdk/template_versions.h"
#include "sdk/users.h"
#include "sdk/workspaces.h"

namespace {

using namespace berth;

template <class T>
void run(std::string_view text, bool tolerant) {
    sdk::DecodeOptions options{.tolerant = tolerant};
    auto value = sdk::decode<T>(text, options);
    if (!value) return;
    // After one pass through the encoder (invalid values mended), nothing may change any more.
    std::string once = sdk::encode(*value);
    auto again = sdk::decode_response<T>(once);
    if (!again || sdk::encode(*again) != once) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    bool tolerant = (data[0] & 1) != 0;
    switch (data[0] >> 1 & 7) {
        case 0:
            run<sdk::Workspace>(text, tolerant);
            break;
        case 1:
            run<sdk::CreateTemplateVersionRequest>(text, tolerant);
            break;
        case 2:
            run<sdk::CreateTokenRequest>(text, tolerant);
            break;
        case 3:
            run<sdk::CreateUserRequestWithOrgs>(text, tolerant);
            break;
        case 4:
            run<sdk::DeploymentConfig>(text, tolerant);
            break;
        case 5:
            run<sdk::RawJson>(text, tolerant);
            break;
        case 6:
            run<std::vector<sdk::APIKeyWithOwner>>(text, tolerant);
            break;
        default:
            run<sdk::CreateWorkspaceBuildRequest>(text, tolerant);
            break;
    }
    return 0;
}
