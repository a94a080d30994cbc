#include "base/init_script.h"

#include "base/text.h"

namespace berth::base {
namespace {

// POSIX sh, for images with next to nothing in them. It keeps trying: a workspace often boots before its
// network.
constexpr std::string_view linux_script = R"sh(#!/bin/sh
set -eu
BINARY_URL="${ACCESS_URL}bin/coder-@os@-@arch@"
BINARY_DIR="${BINARY_DIR:-$(mktemp -d "${TMPDIR:-/tmp}/berth-agent.XXXXXX")}"
cd "$BINARY_DIR"
fetch() {
    if command -v curl >/dev/null 2>&1; then
        curl -fsSL --compressed "$BINARY_URL" -o coder.part
    elif command -v wget >/dev/null 2>&1; then
        wget -q "$BINARY_URL" -O coder.part
    elif command -v busybox >/dev/null 2>&1; then
        busybox wget -q "$BINARY_URL" -O coder.part
    else
        echo "berth: the image needs curl, wget or busybox to fetch the workspace agent" >&2
        exit 127
    fi
}
until fetch; do
    echo "berth: cannot fetch $BINARY_URL yet; next try in 5 seconds" >&2
    sleep 5
done
chmod +x coder.part
mv -f coder.part coder
export CODER_AGENT_AUTH="${AUTH_TYPE}"
export CODER_AGENT_URL="${ACCESS_URL}"
exec ./coder agent
)sh";

}  // namespace

std::optional<std::string> init_script(std::string_view os, std::string_view arch) {
    if (os != "linux" || (arch != "amd64" && arch != "arm64")) return std::nullopt;
    return replace_all(replace_all(std::string(linux_script), "@os@", os), "@arch@", arch);
}

}  // namespace berth::base
