package interop

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/coder/websocket"
	"github.com/hashicorp/yamux"
	"storj.io/drpc/drpcserver"
)

// Here the server is Go's, and the client ours.

// line is the server's end of a connection: it counts the pings that come in, and can fail as networks do.
type line struct {
	net.Conn
	// Drops the connection without a word.
	cut func()
	// From now on nothing is heard and nothing sent, while the connection stays.
	silent atomic.Bool
	pings  atomic.Int64

	header []byte
	data   uint32
}

const (
	frameHeader = 12
	frameData   = 0
	framePing   = 2
	flagSYN     = 1
)

func (l *line) Read(into []byte) (int, error) {
	for {
		n, err := l.Conn.Read(into)
		if err != nil || !l.silent.Load() {
			l.count(into[:n])
			return n, err
		}
	}
}

func (l *line) Write(bytes []byte) (int, error) {
	if l.silent.Load() {
		return len(bytes), nil
	}
	return l.Conn.Write(bytes)
}

// count follows the frames of yamux.
func (l *line) count(bytes []byte) {
	for len(bytes) > 0 {
		if l.data > 0 {
			skipped := min(l.data, uint32(len(bytes)))
			l.data, bytes = l.data-skipped, bytes[skipped:]
			continue
		}
		taken := min(frameHeader-len(l.header), len(bytes))
		l.header, bytes = append(l.header, bytes[:taken]...), bytes[taken:]
		if len(l.header) < frameHeader {
			return
		}
		switch l.header[1] {
		case frameData:
			l.data = binary.BigEndian.Uint32(l.header[8:])
		case framePing:
			if binary.BigEndian.Uint16(l.header[2:])&flagSYN != 0 {
				l.pings.Add(1)
			}
		}
		l.header = l.header[:0]
	}
}

func tcpLine(conn net.Conn) *line {
	return &line{Conn: conn, cut: func() {
		_ = conn.(*net.TCPConn).SetLinger(0)
		conn.Close()
	}}
}

func serve(t testing.TB, conn *line) {
	session, err := yamux.Server(conn, quiet())
	if err != nil {
		t.Error(err)
		return
	}
	impl := &service{session: session, line: conn}
	mux, err := impl.mux()
	if err != nil {
		t.Error(err)
		return
	}
	_ = drpcserver.New(mux).Serve(context.Background(), session)
}

// echo answers each stream, once its end has come, with what it brought, backwards.
func echo(t testing.TB, conn *line) {
	session, err := yamux.Server(conn, quiet())
	if err != nil {
		t.Error(err)
		return
	}
	for {
		stream, err := session.Accept()
		if err != nil {
			return
		}
		go func() {
			defer stream.Close()
			text, err := io.ReadAll(stream)
			if err != nil {
				t.Error(err)
			}
			slices.Reverse(text)
			if _, err := stream.Write(text); err != nil {
				t.Error(err)
			}
		}()
	}
}

func startServer(t *testing.T, transport string, serve func(testing.TB, *line)) string {
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
				go serve(t, tcpLine(conn))
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
		conn := websocket.NetConn(context.Background(), socket, websocket.MessageBinary)
		serve(t, &line{Conn: conn, cut: func() { _ = socket.CloseNow() }})
	}))
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

func TestOurClient(t *testing.T) {
	scenarios := []string{"unary", "many", "errors", "largest", "upload", "download", "bidi", "cancel", "deadline", "vector",
		"slow", "half-close", "raw-half-close", "keepalive", "silent", "dropped"}
	for _, transport := range transports {
		for _, scenario := range scenarios {
			t.Run(transport+"/"+scenario, func(t *testing.T) {
				t.Parallel()
				server := serve
				if scenario == "raw-half-close" {
					server = echo
				}
				_, port, _ := net.SplitHostPort(startServer(t, transport, server))
				cmd := exec.CommandContext(deadline(t), peerPath(t), "call", transport, port, scenario)
				out, err := cmd.CombinedOutput()
				if err != nil || strings.TrimSpace(string(out)) != "ok" {
					t.Fatalf("%v\n%s", err, out)
				}
			})
		}
	}
}
