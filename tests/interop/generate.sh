#!/bin/sh
# Writes generated/ from proto/. Needs protoc, protoc-gen-go and protoc-gen-go-drpc in PATH:
#   go install google.golang.org/protobuf/cmd/protoc-gen-go@v1.36.12 storj.io/drpc/cmd/protoc-gen-go-drpc@v1.0.0
set -eu
cd "$(dirname "$0")"
rm -rf generated
set --
for name in provisioner provisionerd agent tailnet; do
    path="M$name.proto=berth/interop/generated/$name"
    set -- "$@" "--go_opt=$path" "--go-drpc_opt=$path" "../../proto/$name.proto"
done
protoc -I../../proto --go_out=. --go_opt=module=berth/interop --go-drpc_out=. --go-drpc_opt=module=berth/interop "$@"
