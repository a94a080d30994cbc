package interop

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"

	"github.com/coder/websocket"
	"github.com/hashicorp/yamux"
	"storj.io/drpc/drpcserver"
)

// Here the server is Go's, and the client ours.

func serve(t testing.TB, conn net.Conn) {
	impl := new(service)
	mux, err := impl.mux()
	if err != nil {
		t.Error(err)
		return
	}
	session, err := yamux.Server(conn, quiet())
	if err != nil {
		t.Error(err)
		return
	}
	_ = drpcserver.New(mux).Serve(context.Background(), session)
}

func startServer(t *testing.T, transport string) string {
	if transport == "tcp" {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { listener.Close() })
		go func() {
			for {
				conn, err := listener.Accept()
				if err != nil {
					return
				}
				go serve(t, conn)
			}
		}()
		return listener.Addr().String()
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		socket, err := websocket.Accept(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		socket.SetReadLimit(maxMessage)
		serve(t, websocket.NetConn(context.Background(), socket, websocket.MessageBinary))
	}))
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

func TestOurClient(t *testing.T) {
	scenarios := []string{"unary", "many", "errors", "largest", "upload", "download", "bidi", "cancel", "deadline", "vector", "slow"}
	for _, transport := range transports {
		for _, scenario := range scenarios {
			t.Run(transport+"/"+scenario, func(t *testing.T) {
				_, port, _ := net.SplitHostPort(startServer(t, transport))
				cmd := exec.CommandContext(deadline(t), peerPath(t), "call", transport, port, scenario)
				out, err := cmd.CombinedOutput()
				if err != nil || strings.TrimSpace(string(out)) != "ok" {
					t.Fatalf("%v\n%s", err, out)
				}
			})
		}
	}
}
