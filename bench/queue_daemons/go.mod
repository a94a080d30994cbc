module berth/bench/queue_daemons

go 1.24

require (
	berth/interop v0.0.0
	github.com/coder/websocket v1.8.15
	github.com/hashicorp/yamux v0.1.2
	storj.io/drpc v1.0.0
)

require (
	github.com/zeebo/errs v1.2.2 // indirect
	google.golang.org/protobuf v1.36.12 // indirect
)

replace berth/interop => ../../tests/interop
