// queue_daemons connects scripted provisioner daemons to a server and tells when each job arrives; bench/queue runs it.
//
// It prints "ready" when all are connected, and begins with the first line of its standard input, at whose end it ends.
// Then come "begin NANOSECONDS" and, for each job, "acquired ID NANOSECONDS"; with -finish also "finished ID NANOSECONDS":
// imports succeed with nothing in them, builds fail. Without -finish jobs are kept, and the next is asked for at once.
package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"os"
	"runtime"
	"runtime/debug"
	"sync"
	"time"

	"github.com/coder/websocket"
	"github.com/hashicorp/yamux"
	"storj.io/drpc"
	"storj.io/drpc/drpcconn"

	"berth/interop/generated/provisionerd"
)

const maxMessage = 4 << 20

// multiplexed opens a yamux stream for each RPC, as the real daemons do.
type multiplexed struct{ session *yamux.Session }

func (m multiplexed) Close() error            { return m.session.Close() }
func (m multiplexed) Closed() <-chan struct{} { return m.session.CloseChan() }
func (m multiplexed) open() (*drpcconn.Conn, error) {
	stream, err := m.session.Open()
	if err != nil {
		return nil, err
	}
	return drpcconn.New(stream), nil
}
func (m multiplexed) Invoke(ctx context.Context, rpc string, enc drpc.Encoding, in, out drpc.Message) error {
	conn, err := m.open()
	if err != nil {
		return err
	}
	defer conn.Close()
	return conn.Invoke(ctx, rpc, enc, in, out)
}
func (m multiplexed) NewStream(ctx context.Context, rpc string, enc drpc.Encoding) (drpc.Stream, error) {
	conn, err := m.open()
	if err != nil {
		return nil, err
	}
	stream, err := conn.NewStream(ctx, rpc, enc)
	if err != nil {
		conn.Close()
		return nil, err
	}
	go func() {
		<-stream.Context().Done()
		conn.Close()
	}()
	return stream, nil
}

// output is written by all daemons.
type output struct {
	mutex sync.Mutex
	file  *bufio.Writer
}

func (o *output) say(format string, values ...any) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	fmt.Fprintf(o.file, format+"\n", values...)
	if err := o.file.Flush(); err != nil {
		log.Fatal(err)
	}
}

func connect(server, key, name string) (provisionerd.DRPCProvisionerDaemonClient, error) {
	query := url.Values{"version": {"1.14"}, "name": {name}, "provisioner": {"terraform"}}
	header := http.Header{"Coder-Provisioner-Daemon-Psk": {key}, "X-Coder-Build-Version": {"v2.0.0-bench"}}
	ctx := context.Background()
	socket, _, err := websocket.Dial(ctx, server+"/api/v2/organizations/default/provisionerdaemons/serve?"+query.Encode(),
		&websocket.DialOptions{HTTPHeader: header})
	if err != nil {
		return nil, err
	}
	socket.SetReadLimit(maxMessage)
	config := yamux.DefaultConfig()
	config.LogOutput = io.Discard
	session, err := yamux.Client(websocket.NetConn(ctx, socket, websocket.MessageBinary), config)
	if err != nil {
		return nil, err
	}
	return provisionerd.NewDRPCProvisionerDaemonClient(multiplexed{session}), nil
}

// acquire waits until there is a job.
func acquire(client provisionerd.DRPCProvisionerDaemonClient) (*provisionerd.AcquiredJob, error) {
	stream, err := client.AcquireJobWithCancel(context.Background())
	if err != nil {
		return nil, err
	}
	job, err := stream.Recv()
	if err != nil {
		return nil, err
	}
	return job, stream.Close()
}

func finish(client provisionerd.DRPCProvisionerDaemonClient, job *provisionerd.AcquiredJob) error {
	ctx := context.Background()
	if job.GetTemplateImport() == nil {
		_, err := client.FailJob(ctx, &provisionerd.FailedJob{JobId: job.JobId, Error: "only a benchmark"})
		return err
	}
	_, err := client.CompleteJob(ctx, &provisionerd.CompletedJob{JobId: job.JobId,
		Type: &provisionerd.CompletedJob_TemplateImport_{TemplateImport: &provisionerd.CompletedJob_TemplateImport{}}})
	return err
}

func work(client provisionerd.DRPCProvisionerDaemonClient, finishes bool, out *output) error {
	for {
		job, err := acquire(client)
		if err != nil {
			return err
		}
		out.say("acquired %s %d", job.JobId, time.Now().UnixNano())
		if !finishes {
			continue
		}
		if err := finish(client, job); err != nil {
			return err
		}
		out.say("finished %s %d", job.JobId, time.Now().UnixNano())
	}
}

func main() {
	server := flag.String("url", "", "the server's address")
	count := flag.Int("daemons", 1, "how many daemons")
	finishes := flag.Bool("finish", false, "end each job before the next")
	flag.Parse()
	// The less these daemons cost, the more of the machine is the server's: one thread, and memory that is used again
	// before the kernel has to clear new pages.
	runtime.GOMAXPROCS(1)
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(64 << 20)
	out := &output{file: bufio.NewWriter(os.Stdout)}
	var clients []provisionerd.DRPCProvisionerDaemonClient
	for i := range *count {
		client, err := connect(*server, os.Getenv("CODER_PROVISIONER_DAEMON_PSK"), fmt.Sprintf("daemon-%d", i))
		if err != nil {
			log.Fatal(err)
		}
		clients = append(clients, client)
	}
	out.say("ready")
	input := bufio.NewReader(os.Stdin)
	if _, err := input.ReadString('\n'); err != nil {
		log.Fatal(err)
	}
	out.say("begin %d", time.Now().UnixNano())
	for _, client := range clients {
		go func() {
			if err := work(client, *finishes, out); err != nil {
				log.Fatal(err)
			}
		}()
	}
	_, _ = io.Copy(io.Discard, input)
}
