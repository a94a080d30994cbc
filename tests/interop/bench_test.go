package interop

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/hashicorp/yamux"

	"berth/interop/generated/provisionerd"
)

// go test -bench=. -run=^$ compares our server with the Go libraries' own, each in a process of its own, the client
// being Go for both. "cpu-µs/op" is the server's processor time, which a busy machine disturbs least.

const goServer = "BERTH_INTEROP_GO_SERVER"

func TestMain(m *testing.M) {
	if os.Getenv(goServer) == "" {
		os.Exit(m.Run())
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go serve(nil, tcpLine(conn))
		}
	}()
	_, _ = io.Copy(io.Discard, os.Stdin)
}

func benchmark(b *testing.B, body func(*testing.B, provisionerd.DRPCProvisionerDaemonClient)) {
	build := os.Getenv("BERTH_BUILD_DIR")
	if build == "" {
		b.Fatal("BERTH_BUILD_DIR must name the folder of interop_peer")
	}
	servers := map[string]*exec.Cmd{"go": exec.Command(os.Args[0]), "berth": exec.Command(build+"/interop_peer", "serve", "tcp")}
	for _, name := range []string{"go", "berth"} {
		b.Run(name, func(b *testing.B) {
			cmd := exec.Command(servers[name].Path, servers[name].Args[1:]...)
			cmd.Env = append(os.Environ(), goServer+"=1")
			stdin, _ := cmd.StdinPipe()
			stdout, _ := cmd.StdoutPipe()
			if err := cmd.Start(); err != nil {
				b.Fatal(err)
			}
			var port int
			if _, err := fmt.Fscanln(bufio.NewReader(stdout), &port); err != nil {
				b.Fatal(err)
			}
			conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
			if err != nil {
				b.Fatal(err)
			}
			session, err := yamux.Client(conn, quiet())
			if err != nil {
				b.Fatal(err)
			}
			b.ResetTimer()
			body(b, provisionerd.NewDRPCProvisionerDaemonClient(multiplexed{session}))
			b.StopTimer()
			session.Close()
			stdin.Close()
			if err := cmd.Wait(); err != nil {
				b.Fatal(err)
			}
			used := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
			b.ReportMetric(float64(used/time.Microsecond)/float64(b.N), "cpu-µs/op")
		})
	}
}

func BenchmarkUnary(b *testing.B) {
	benchmark(b, func(b *testing.B, client provisionerd.DRPCProvisionerDaemonClient) {
		for i := 0; i < b.N; i++ {
			if _, err := client.UpdateJob(b.Context(), variable(100)); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkDownload(b *testing.B) {
	const size = 1 << 20
	benchmark(b, func(b *testing.B, client provisionerd.DRPCProvisionerDaemonClient) {
		b.SetBytes(size)
		stream, err := client.DownloadFile(b.Context(), &provisionerd.FileRequest{FileId: fmt.Sprintf("%d:%d", b.N, size)})
		if err != nil {
			b.Fatal(err)
		}
		for {
			if _, err := stream.Recv(); errors.Is(err, io.EOF) {
				return
			} else if err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkUpload(b *testing.B) {
	const size = 1 << 20
	benchmark(b, func(b *testing.B, client provisionerd.DRPCProvisionerDaemonClient) {
		b.SetBytes(size)
		stream, err := client.UploadFile(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		piece := chunk(size)
		for i := 0; i < b.N; i++ {
			if err := stream.Send(piece); err != nil {
				b.Fatal(err)
			}
		}
		if _, err := stream.CloseAndRecv(); err != nil {
			b.Fatal(err)
		}
	})
}
