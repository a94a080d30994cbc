#!/bin/sh
# Writes pb/ from proto/. Needs protoc, protoc-gen-go and protoc-gen-go-drpc in PATH:
#   go install google.golang.org/protobuf/cmd/protoc-gen-go@v1.36.12 storj.io/drpc/cmd/protoc-gen-go-drpc@v1.0.0
set -eu
cd "$(dirname "$0")"
rm -rf pb
protoc -I../../proto --go_out=. --go_opt=module=berth/interop --go-drpc_out=. --go-drpc_opt=module=berth/interop \
    ../../proto/provisioner.proto ../../proto/provisionerd.proto ../../proto/agent.proto ../../proto/tailnet.proto
