package sdk

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// server is a real berth server with its private database and built-in daemons.
type server struct {
	url     *url.URL
	process *exec.Cmd
	log     string
}

// startServer runs the program that BERTH_BUILD_DIR names until the test ends.
func startServer(t *testing.T) *server {
	t.Helper()
	berth := filepath.Join(os.Getenv("BERTH_BUILD_DIR"), "berth")
	folder, err := os.MkdirTemp("", "berth-sdk-")
	if err != nil {
		t.Fatal(err)
	}
	address := freeAddress(t)
	log := filepath.Join(folder, "server.log")
	output, err := os.OpenFile(log, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer output.Close()
	process := exec.Command(berth, "server", "--global-config", filepath.Join(folder, "data"), "--http-address", address,
		"--access-url", "http://"+address, "--cache-dir", filepath.Join(folder, "cache"))
	process.Stdout, process.Stderr = output, output
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	s := &server{url: &url.URL{Scheme: "http", Host: address}, process: process, log: log}
	t.Cleanup(func() {
		_ = process.Process.Signal(syscall.SIGTERM)
		if err := process.Wait(); err != nil {
			t.Errorf("the server ended with %v", err)
		}
		if t.Failed() {
			t.Logf("the server's log:\n%s", s.lastLog())
		}
		_ = os.RemoveAll(folder)
	})
	waitFor(t, "the server", time.Minute, func() bool {
		answer, err := http.Get(s.url.String() + "/healthz")
		if err != nil {
			return false
		}
		_ = answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	})
	return s
}

func (s *server) lastLog() string {
	text, _ := os.ReadFile(s.log)
	return string(text[max(0, len(text)-4000):])
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

func waitFor(t *testing.T, what string, limit time.Duration, condition func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for !condition() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("waited %s for %s", limit, what)
		}
	}
}

// templateArchive packs the template that a newcomer imports first.
func templateArchive(t *testing.T) []byte {
	t.Helper()
	return archiveOf(t, os.DirFS(filepath.Join("..", "..", "examples", "templates", "local-process")))
}

func archiveOf(t *testing.T, folder fs.FS) []byte {
	t.Helper()
	var archive bytes.Buffer
	out := tar.NewWriter(&archive)
	if err := errors.Join(out.AddFS(folder), out.Close()); err != nil {
		t.Fatal(err)
	}
	return archive.Bytes()
}
