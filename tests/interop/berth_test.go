package interop

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/hashicorp/yamux"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"storj.io/drpc/drpcerr"
)

// Here the server is the real program, and its daemons and agents are Go's.

type object = map[string]any

// berth is a server with a database of its own, a first user who is logged in, and no daemon but ours.
type berth struct {
	url   string
	token string
}

const preSharedKey = "a key that daemons share"

var firstUser = object{"email": "owner@example.com", "username": "owner", "name": "The Owner", "password": "SomeSecurePassword42"}

func startBerth(t *testing.T) *berth {
	t.Helper()
	folder, err := os.MkdirTemp("", "berth-interop-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	// As root, the server runs its database as another user, who has to get in here.
	if err := os.Chmod(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	output, err := os.Create(filepath.Join(folder, "server.log"))
	if err != nil {
		t.Fatal(err)
	}
	defer output.Close()
	address := freeAddress(t)
	b := &berth{url: "http://" + address}
	ctx, stop := context.WithCancel(context.Background())
	server := exec.CommandContext(ctx, program(t, "berth"), "server",
		"--global-config", filepath.Join(folder, "data"), "--cache-dir", filepath.Join(folder, "cache"),
		"--http-address", address, "--access-url", b.url, "--provisioner-daemons", "0",
		"--enable-terraform-debug-mode")
	// The daemons here make up what their templates say: no terraform may read them.
	server.Env = append(os.Environ(), "CODER_PROVISIONER_DAEMON_PSK="+preSharedKey, "PATH="+pathWithoutTerraform())
	server.Stdout, server.Stderr = output, output
	server.Cancel = func() error { return server.Process.Signal(syscall.SIGTERM) }
	server.WaitDelay = 20 * time.Second
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop()
		_ = server.Wait()
		if !server.ProcessState.Success() {
			t.Errorf("the server ended with %v", server.ProcessState)
		}
		if t.Failed() {
			log, _ := os.ReadFile(output.Name())
			t.Logf("the server's log:\n%s", log[max(0, len(log)-4000):])
		}
	})
	eventually(t, "the server answers", func() bool {
		answer, err := http.Get(b.url + "/healthz")
		return err == nil && answer.Body.Close() == nil && answer.StatusCode == http.StatusOK
	})
	b.post(t, "/api/v2/users/first", firstUser)
	b.token = at(b.post(t, "/api/v2/users/login", firstUser), "session_token")
	return b
}

func pathWithoutTerraform() string {
	folders := slices.DeleteFunc(filepath.SplitList(os.Getenv("PATH")), func(folder string) bool {
		_, terraform := os.Stat(filepath.Join(folder, "terraform"))
		_, tofu := os.Stat(filepath.Join(folder, "tofu"))
		return terraform == nil || tofu == nil
	})
	return strings.Join(folders, string(os.PathListSeparator))
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// tag is a name of the running test alone.
func tag(t *testing.T) string { return strings.ToLower(filepath.Base(t.Name())) }

// request sends a body of bytes as it is and any other as JSON, as the first user (or nobody, without a token). Only success
// is good.
func (b *berth) request(t *testing.T, method, path string, body any, more ...http.Header) []byte {
	t.Helper()
	content, kind := []byte(nil), "application/json"
	switch body := body.(type) {
	case nil:
	case []byte:
		content, kind = body, "application/x-tar"
	default:
		content, _ = json.Marshal(body)
	}
	request, err := http.NewRequestWithContext(deadline(t), method, b.url+path, bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", kind)
	if b.token != "" {
		request.Header.Set("Coder-Session-Token", b.token)
	}
	for _, header := range more {
		maps.Copy(request.Header, header)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode/100 != 2 {
		t.Fatalf("%s %s: %s %v\n%s", method, path, answer.Status, err, text)
	}
	return text
}

// newSecret is one of the user, which builds and agents get.
func (b *berth) newSecret(t *testing.T) {
	t.Helper()
	b.post(t, "/api/v2/users/me/secrets", object{"name": "pass", "value": "hush", "env_name": "PASS", "file_path": "~/.pass"})
}

func (b *berth) get(t *testing.T, path string) any {
	t.Helper()
	return decoded(t, b.request(t, http.MethodGet, path, nil))
}

func (b *berth) post(t *testing.T, path string, body any) any {
	t.Helper()
	return decoded(t, b.request(t, http.MethodPost, path, body))
}

// shows checks that the answer at this path has everything that the JSON text says; it may have more.
func (b *berth) shows(t *testing.T, path, format string, values ...any) {
	t.Helper()
	missing(t, path, b.get(t, path), fmt.Sprintf(format, values...))
}

func missing(t *testing.T, what string, got any, want string) {
	t.Helper()
	for _, line := range differences(what, got, decoded(t, []byte(want))) {
		t.Error(line)
	}
}

func decoded(t *testing.T, text []byte) any {
	t.Helper()
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return value
}

// differences tells what of `want` is not so in `got`. Objects may have more members, lists not.
func differences(path string, got, want any) (lines []string) {
	switch want := want.(type) {
	case object:
		members, _ := got.(object)
		for name, value := range want {
			lines = append(lines, differences(path+"."+name, members[name], value)...)
		}
	case []any:
		items, _ := got.([]any)
		if len(items) != len(want) {
			return []string{fmt.Sprintf("%s has %d items, not %d: %v", path, len(items), len(want), got)}
		}
		for i, value := range want {
			lines = append(lines, differences(fmt.Sprint(path, "[", i, "]"), items[i], value)...)
		}
	default:
		if !reflect.DeepEqual(got, want) {
			lines = append(lines, fmt.Sprintf("%s is %v, not %v", path, got, want))
		}
	}
	return lines
}

// at is the text at a path like "resources.0.id"; empty when there is none.
func at(value any, path string) string {
	for _, name := range strings.Split(path, ".") {
		switch inner := value.(type) {
		case object:
			value = inner[name]
		case []any:
			index, err := strconv.Atoi(name)
			if err != nil || index >= len(inner) {
				return ""
			}
			value = inner[index]
		}
	}
	text, _ := value.(string)
	return text
}

func header(name, value string) http.Header { return http.Header{name: {value}} }

// cookie is how daemons send their user's session.
func (b *berth) cookie() http.Header { return header("Cookie", "coder_session_token="+b.token) }

// connection is a yamux session in a WebSocket.
type connection struct {
	multiplexed
	socket *websocket.Conn
}

func (b *berth) handshake(t *testing.T, path string, header http.Header) (*websocket.Conn, *http.Response, error) {
	t.Helper()
	return websocket.Dial(deadline(t), b.url+path, &websocket.DialOptions{HTTPHeader: header})
}

func (b *berth) connect(t *testing.T, path string, header http.Header) connection {
	t.Helper()
	socket, _, err := b.handshake(t, path, header)
	if err != nil {
		t.Fatal(err)
	}
	socket.SetReadLimit(maxMessage)
	session, err := yamux.Client(websocket.NetConn(context.Background(), socket, websocket.MessageBinary), quiet())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { session.Close() })
	return connection{multiplexed{session}, socket}
}

// refusal is a WebSocket that the server must not open, and what it has to say instead.
type refusal struct {
	name   string
	path   string
	header http.Header
	status int
	text   string
}

func (b *berth) refuses(t *testing.T, refusals []refusal) {
	for _, r := range refusals {
		t.Run(r.name, func(t *testing.T) {
			socket, answer, err := b.handshake(t, r.path, r.header)
			if err == nil {
				socket.CloseNow()
				t.Fatal("the WebSocket was opened")
			}
			if answer == nil {
				t.Fatal(err)
			}
			text, _ := io.ReadAll(answer.Body)
			if answer.StatusCode != r.status || !strings.Contains(string(text), r.text) {
				t.Fatalf("%s %s, and not %d with %q", answer.Status, text, r.status, r.text)
			}
		})
	}
}

// The numbers of errors on the wire, which are those of gRPC.
const (
	invalidArgument    = 3
	notFound           = 5
	permissionDenied   = 7
	failedPrecondition = 9
	tooLarge           = 11
)

// fails checks that a call was refused, and with which reason.
func fails(t *testing.T, what string, err error, code uint64, text string) {
	t.Helper()
	if err == nil || drpcerr.Code(err) != code || !strings.Contains(err.Error(), text) {
		t.Errorf("%s: code %d, %v; not %d with %q", what, drpcerr.Code(err), err, code, text)
	}
}

// same compares what Coder's programs see: the fields of our own, from 1000 on, are unknown to them.
func same(t *testing.T, what string, got, want proto.Message) {
	t.Helper()
	got = proto.Clone(got)
	dropOwnFields(t, got.ProtoReflect())
	if !proto.Equal(got, want) {
		t.Errorf("%s is\n%s\nand not\n%s", what, prototext.Format(got), prototext.Format(want))
	}
}

// dropOwnFields forgets them at all depths. Any other unknown field is an error.
func dropOwnFields(t *testing.T, message protoreflect.Message) {
	t.Helper()
	for rest := message.GetUnknown(); len(rest) > 0; {
		number, _, length := protowire.ConsumeField(rest)
		if length < 0 || number < 1000 {
			t.Errorf("%s has the unknown field %d", message.Descriptor().FullName(), number)
			break
		}
		rest = rest[length:]
	}
	message.SetUnknown(nil)
	message.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		switch {
		case field.IsMap() && field.MapValue().Message() != nil:
			value.Map().Range(func(_ protoreflect.MapKey, each protoreflect.Value) bool {
				dropOwnFields(t, each.Message())
				return true
			})
		case field.IsList() && field.Message() != nil:
			for i := range value.List().Len() {
				dropOwnFields(t, value.List().Get(i).Message())
			}
		case !field.IsMap() && field.Message() != nil:
			dropOwnFields(t, value.Message())
		}
		return true
	})
}

func succeeds(t *testing.T, what string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

func tarOf(t *testing.T, files fs.FS) []byte {
	t.Helper()
	var archive bytes.Buffer
	out := tar.NewWriter(&archive)
	if err := errors.Join(out.AddFS(files), out.Close()); err != nil {
		t.Fatal(err)
	}
	return archive.Bytes()
}
