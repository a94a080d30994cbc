// Package interop proves that our yamux, dRPC and WebSocket are those of the Go libraries other programs use.
// Run by ./test; by hand: BERTH_BUILD_DIR=…/build/release go test ./...
package interop

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/hashicorp/yamux"
	"google.golang.org/protobuf/proto"
	"storj.io/drpc"
	"storj.io/drpc/drpcconn"
	"storj.io/drpc/drpcerr"

	"berth/interop/generated/provisioner"
	"berth/interop/generated/provisionerd"
)

const maxMessage = 4 << 20

var transports = []string{"tcp", "websocket"}

// program is one that was built.
func program(t *testing.T, name string) string {
	folder := os.Getenv("BERTH_BUILD_DIR")
	if folder == "" {
		t.Fatalf("BERTH_BUILD_DIR must name the folder of %s", name)
	}
	return filepath.Join(folder, name)
}

func peerPath(t *testing.T) string {
	if path := os.Getenv("BERTH_INTEROP_PEER"); path != "" {
		return path
	}
	return program(t, "interop_peer")
}

func quiet() *yamux.Config {
	config := yamux.DefaultConfig()
	config.LogOutput = io.Discard
	return config
}

// startPeer runs the C++ server and returns its address.
func startPeer(t *testing.T, transport string) string {
	cmd := exec.Command(peerPath(t), "serve", transport)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	// The peer ends with its standard input.
	t.Cleanup(func() {
		stdin.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("the peer ended with %v", err)
		}
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return "127.0.0.1:" + strings.TrimSpace(line)
}

func dial(t *testing.T, transport, address string) net.Conn {
	if transport == "tcp" {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		return conn
	}
	ctx := context.Background()
	socket, _, err := websocket.Dial(ctx, "ws://"+address+"/", nil)
	if err != nil {
		t.Fatal(err)
	}
	socket.SetReadLimit(maxMessage)
	return websocket.NetConn(ctx, socket, websocket.MessageBinary)
}

func session(t *testing.T, transport string) *yamux.Session {
	session, err := yamux.Client(dial(t, transport, startPeer(t, transport)), quiet())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { session.Close() })
	return session
}

// multiplexed opens a yamux stream for each RPC, as the real clients do.
type multiplexed struct{ session *yamux.Session }

func (m multiplexed) Close() error            { return m.session.Close() }
func (m multiplexed) Closed() <-chan struct{} { return m.session.CloseChan() }
func (m multiplexed) Invoke(ctx context.Context, rpc string, enc drpc.Encoding, in, out drpc.Message) error {
	stream, err := m.session.Open()
	if err != nil {
		return err
	}
	conn := drpcconn.New(stream)
	defer conn.Close()
	return conn.Invoke(ctx, rpc, enc, in, out)
}
func (m multiplexed) NewStream(ctx context.Context, rpc string, enc drpc.Encoding) (drpc.Stream, error) {
	stream, err := m.session.Open()
	if err != nil {
		return nil, err
	}
	conn := drpcconn.New(stream)
	result, err := conn.NewStream(ctx, rpc, enc)
	if err != nil {
		conn.Close()
		return nil, err
	}
	go func() {
		<-result.Context().Done()
		conn.Close()
	}()
	return result, nil
}

func clients(t *testing.T, body func(*testing.T, provisionerd.DRPCProvisionerDaemonClient, multiplexed)) {
	for _, transport := range transports {
		t.Run(transport, func(t *testing.T) {
			conn := multiplexed{session(t, transport)}
			body(t, provisionerd.NewDRPCProvisionerDaemonClient(conn), conn)
		})
	}
}

func deadline(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func counters(t *testing.T, client provisionerd.DRPCProvisionerDaemonClient) *provisionerd.AcquiredJob {
	job, err := client.AcquireJob(deadline(t), &provisionerd.Empty{})
	if err != nil {
		t.Fatal(err)
	}
	return job
}

func variable(size int) *provisionerd.UpdateJobRequest {
	return &provisionerd.UpdateJobRequest{UserVariableValues: []*provisioner.VariableValue{{Value: strings.Repeat("v", size)}}}
}

// variableOf makes a request of exactly this many bytes on the wire.
func variableOf(t *testing.T, bytes int) *provisionerd.UpdateJobRequest {
	request := variable(bytes - 20)
	request = variable(bytes - 20 + bytes - proto.Size(request))
	if proto.Size(request) != bytes {
		t.Fatalf("%d bytes, not %d", proto.Size(request), bytes)
	}
	return request
}

func TestUnary(t *testing.T) {
	clients(t, func(t *testing.T, client provisionerd.DRPCProvisionerDaemonClient, _ multiplexed) {
		for i := 0; i < 100; i++ {
			answer, err := client.UpdateJob(deadline(t), variable(i*10))
			if err != nil || len(answer.VariableValues[0].Value) != i*10 {
				t.Fatal(i, answer, err)
			}
		}
	})
}

func TestManyAtOnce(t *testing.T) {
	clients(t, func(t *testing.T, client provisionerd.DRPCProvisionerDaemonClient, _ multiplexed) {
		var group sync.WaitGroup
		for i := 0; i < 200; i++ {
			group.Add(1)
			go func() {
				defer group.Done()
				answer, err := client.UpdateJob(deadline(t), variable(i*1000))
				if err != nil || len(answer.VariableValues[0].Value) != i*1000 {
					t.Error(i, err)
				}
			}()
		}
		group.Wait()
	})
}

func TestErrors(t *testing.T) {
	clients(t, func(t *testing.T, client provisionerd.DRPCProvisionerDaemonClient, conn multiplexed) {
		_, err := client.FailJob(deadline(t), &provisionerd.FailedJob{Error: "no such thing"})
		if err == nil || err.Error() != "no such thing" || drpcerr.Code(err) != 5 {
			t.Fatal(err, drpcerr.Code(err))
		}
		stream, err := client.AcquireJobWithCancel(deadline(t))
		if err != nil {
			t.Fatal(err)
		}
		_, err = stream.Recv()
		if err == nil || !strings.Contains(err.Error(), "unknown rpc") || drpcerr.Code(err) != drpcerr.Unimplemented {
			t.Fatal(err, drpcerr.Code(err))
		}
	})
}

func TestLargestMessage(t *testing.T) {
	clients(t, func(t *testing.T, client provisionerd.DRPCProvisionerDaemonClient, _ multiplexed) {
		request := variableOf(t, maxMessage)
		answer, err := client.UpdateJob(deadline(t), request)
		if err != nil || answer.VariableValues[0].Value != request.UserVariableValues[0].Value {
			t.Fatal(err)
		}
		_, err = client.UpdateJob(deadline(t), variableOf(t, maxMessage+1))
		if err == nil {
			t.Fatal("a message above the limit was taken")
		}
		// The session goes on.
		if _, err = client.UpdateJob(deadline(t), variable(1)); err != nil {
			t.Fatal(err)
		}
	})
}

func chunk(size int) *provisioner.FileUpload {
	return &provisioner.FileUpload{Type: &provisioner.FileUpload_ChunkPiece{ChunkPiece: &provisioner.ChunkPiece{Data: make([]byte, size)}}}
}

func TestUpload(t *testing.T) {
	clients(t, func(t *testing.T, client provisionerd.DRPCProvisionerDaemonClient, _ multiplexed) {
		stream, err := client.UploadFile(deadline(t))
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < 16; i++ {
			if err := stream.Send(chunk(2 << 20)); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := stream.CloseAndRecv(); err != nil {
			t.Fatal(err)
		}
		if got := counters(t, client).CreatedAt; got != 32<<20 {
			t.Fatal(got)
		}
		refused, err := client.UploadFile(deadline(t))
		if err != nil {
			t.Fatal(err)
		}
		failure := &provisioner.FileUpload{Type: &provisioner.FileUpload_Error{Error: &provisioner.FailedFile{Error: "torn"}}}
		if err := refused.Send(failure); err != nil {
			t.Fatal(err)
		}
		if _, err := refused.CloseAndRecv(); err == nil || err.Error() != "torn" || drpcerr.Code(err) != 3 {
			t.Fatal(err)
		}
	})
}

func TestDownload(t *testing.T) {
	clients(t, func(t *testing.T, client provisionerd.DRPCProvisionerDaemonClient, _ multiplexed) {
		stream, err := client.DownloadFile(deadline(t), &provisionerd.FileRequest{FileId: "16:2097152"})
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < 16; i++ {
			piece, err := stream.Recv()
			if err != nil || len(piece.GetChunkPiece().Data) != 2<<20 || piece.GetChunkPiece().PieceIndex != int32(i) {
				t.Fatal(i, err)
			}
		}
		if _, err := stream.Recv(); !errors.Is(err, io.EOF) {
			t.Fatal(err)
		}
	})
}

func TestSlowReaderHoldsTheSenderBack(t *testing.T) {
	clients(t, func(t *testing.T, client provisionerd.DRPCProvisionerDaemonClient, _ multiplexed) {
		stream, err := client.DownloadFile(deadline(t), &provisionerd.FileRequest{FileId: "100000:10000"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := stream.Recv(); err != nil {
			t.Fatal(err)
		}
		before, now := "", ""
		eventually(t, "the sender stands still", func() bool {
			before, now = now, counters(t, client).UserName
			return before == now
		})
		if len(now) > 3 {
			t.Fatalf("%s chunks of 10 kB were sent to nobody", now)
		}
		if err := stream.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

func TestBidi(t *testing.T) {
	clients(t, func(t *testing.T, _ provisionerd.DRPCProvisionerDaemonClient, conn multiplexed) {
		stream, err := provisioner.NewDRPCProvisionerClient(conn).Session(deadline(t))
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < 50; i++ {
			config := &provisioner.Config{ProvisionerLogLevel: fmt.Sprint(i)}
			if err := stream.Send(&provisioner.Request{Type: &provisioner.Request_Config{Config: config}}); err != nil {
				t.Fatal(err)
			}
			answer, err := stream.Recv()
			if err != nil || answer.GetLog().Output != fmt.Sprintf("re: %d", i) {
				t.Fatal(answer, err)
			}
		}
		if err := stream.CloseSend(); err != nil {
			t.Fatal(err)
		}
		if _, err := stream.Recv(); !errors.Is(err, io.EOF) {
			t.Fatal(err)
		}
	})
}

func eventually(t *testing.T, what string, done func() bool) {
	deadline := time.Now().Add(15 * time.Second)
	for !done() {
		if time.Now().After(deadline) {
			t.Fatal("never: " + what)
		}
		// Looks again until the deadline.
		time.Sleep(50 * time.Millisecond)
	}
}

func TestCancel(t *testing.T) {
	clients(t, func(t *testing.T, client provisionerd.DRPCProvisionerDaemonClient, _ multiplexed) {
		ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
		defer cancel()
		if _, err := client.CommitQuota(ctx, &provisionerd.CommitQuotaRequest{JobId: "hang"}); err == nil {
			t.Fatal("a call that hangs has returned")
		}
		eventually(t, "the handler is cancelled", func() bool { return counters(t, client).JobId == "1" })
	})
}

func TestPingAndStreamsLeft(t *testing.T) {
	clients(t, func(t *testing.T, client provisionerd.DRPCProvisionerDaemonClient, conn multiplexed) {
		for i := 0; i < 5; i++ {
			if _, err := conn.session.Ping(); err != nil {
				t.Fatal(err)
			}
		}
		counters(t, client)
		eventually(t, "no stream is left", func() bool { return conn.session.NumStreams() == 0 })
	})
}

func TestRawHalfClose(t *testing.T) {
	clients(t, func(t *testing.T, client provisionerd.DRPCProvisionerDaemonClient, conn multiplexed) {
		// A stream that ends without a word, one with garbage, and one in the middle of a frame.
		for _, bytes := range []string{"", "\x00\x00\x00\x00\x00", "\x05\x01\x01\x7f/x"} {
			stream, err := conn.session.Open()
			if err != nil {
				t.Fatal(err)
			}
			if _, err := stream.Write([]byte(bytes)); err != nil {
				t.Fatal(err)
			}
			stream.Close()
		}
		eventually(t, "no stream is left", func() bool { return conn.session.NumStreams() == 0 })
		counters(t, client)
	})
}

func TestAbruptClose(t *testing.T) {
	for _, transport := range transports {
		t.Run(transport, func(t *testing.T) {
			address := startPeer(t, transport)
			conn := dial(t, transport, address)
			first, err := yamux.Client(conn, quiet())
			if err != nil {
				t.Fatal(err)
			}
			second, err := yamux.Client(dial(t, transport, address), quiet())
			if err != nil {
				t.Fatal(err)
			}
			defer second.Close()
			client := provisionerd.NewDRPCProvisionerDaemonClient(multiplexed{second})
			hanging := provisionerd.NewDRPCProvisionerDaemonClient(multiplexed{first})
			go hanging.CommitQuota(context.Background(), &provisionerd.CommitQuotaRequest{JobId: "hang"})
			eventually(t, "the call is under way", func() bool { return counters(t, client).Provisioner == "1" })
			conn.Close()
			eventually(t, "the handler is cancelled", func() bool { return counters(t, client).JobId == "1" })
		})
	}
}

func TestVector(t *testing.T) {
	want, _ := base64.StdEncoding.DecodeString("EhgKDEhlbGxvIFdvcmxkIRIGRm9vYmFyGCo=")
	if ours, err := proto.Marshal(vector); err != nil || !bytes.Equal(ours, want) {
		t.Fatal(ours, err)
	}
	clients(t, func(t *testing.T, client provisionerd.DRPCProvisionerDaemonClient, _ multiplexed) {
		stream, err := client.DownloadFile(deadline(t), &provisionerd.FileRequest{FileId: "vector"})
		if err != nil {
			t.Fatal(err)
		}
		raw := new(rawMessage)
		if err := stream.(interface{ GetStream() drpc.Stream }).GetStream().MsgRecv(raw, rawEncoding{}); err != nil || !bytes.Equal(*raw, want) {
			t.Fatal(*raw, err)
		}
	})
}

type rawMessage []byte
type rawEncoding struct{}

func (rawEncoding) Marshal(drpc.Message) ([]byte, error) { return nil, errors.New("only reads") }
func (rawEncoding) Unmarshal(buf []byte, msg drpc.Message) error {
	*msg.(*rawMessage) = append([]byte(nil), buf...)
	return nil
}
