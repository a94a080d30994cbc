package interop

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/hashicorp/yamux"
	"storj.io/drpc/drpcerr"
	"storj.io/drpc/drpcmux"

	"berth/interop/generated/provisioner"
	"berth/interop/generated/provisionerd"
)

// The same small service on both sides; see peer/peer_service.cpp for the other one.
//
//	UpdateJob     answers with the variables it got
//	FailJob       fails with code 5 and the given error
//	CommitQuota   of the job "hang" waits until it is cancelled, and counts that; in Go also of "keepalive": answers
//	              after it has pinged the caller and been pinged by it; of "silent": the connection falls silent;
//	              of "drop": it is cut
//	UploadFile    counts bytes; a FailedFile piece makes it fail at once
//	DownloadFile  of "N:SIZE" sends N chunks of SIZE bytes; of "vector" the known message
//	AcquireJob    tells the counters: created_at = bytes uploaded, user_name = chunks downloaded,
//	              provisioner = calls that hung, job_id = those of them that were cancelled
//	Session       answers each config with a log line of its level; in Go those that begin with "later" wait for the
//	              end of the requests
type service struct {
	provisionerd.DRPCProvisionerDaemonUnimplementedServer
	provisioner.DRPCProvisionerUnimplementedServer
	uploaded  atomic.Int64
	hung      atomic.Int64
	cancelled atomic.Int64
	sent      atomic.Int64
	session   *yamux.Session
	line      *line
}

func (s *service) mux() (*drpcmux.Mux, error) {
	mux := drpcmux.New()
	if err := provisionerd.DRPCRegisterProvisionerDaemon(mux, s); err != nil {
		return nil, err
	}
	return mux, provisioner.DRPCRegisterProvisioner(mux, s)
}

func (s *service) UpdateJob(_ context.Context, in *provisionerd.UpdateJobRequest) (*provisionerd.UpdateJobResponse, error) {
	return &provisionerd.UpdateJobResponse{VariableValues: in.UserVariableValues}, nil
}

func (s *service) FailJob(_ context.Context, in *provisionerd.FailedJob) (*provisionerd.Empty, error) {
	return nil, drpcerr.WithCode(errors.New(in.Error), 5)
}

func (s *service) CommitQuota(ctx context.Context, in *provisionerd.CommitQuotaRequest) (*provisionerd.CommitQuotaResponse, error) {
	switch in.JobId {
	case "hang":
		s.hung.Add(1)
		<-ctx.Done()
		s.cancelled.Add(1)
		return nil, ctx.Err()
	case "keepalive":
		return &provisionerd.CommitQuotaResponse{}, s.keepalive(ctx)
	case "silent":
		s.line.silent.Store(true)
	case "drop":
		s.line.cut()
	}
	return &provisionerd.CommitQuotaResponse{Ok: true, Budget: in.DailyCost}, nil
}

func (s *service) keepalive(ctx context.Context) error {
	for i := 0; i < 50; i++ {
		if _, err := s.session.Ping(); err != nil {
			return err
		}
	}
	// The second one says that the answer to the first was taken.
	for s.line.pings.Load() < 2 {
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

func (s *service) UploadFile(stream provisionerd.DRPCProvisionerDaemon_UploadFileStream) error {
	for {
		piece, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return stream.SendAndClose(&provisionerd.Empty{})
		}
		if err != nil {
			return err
		}
		if failed := piece.GetError(); failed != nil {
			return drpcerr.WithCode(errors.New(failed.Error), 3)
		}
		s.uploaded.Add(int64(len(piece.GetChunkPiece().GetData())))
	}
}

var vector = &provisioner.FileUpload{Type: &provisioner.FileUpload_ChunkPiece{ChunkPiece: &provisioner.ChunkPiece{
	Data: []byte("Hello World!"), FullDataHash: []byte("Foobar"), PieceIndex: 42,
}}}

func (s *service) DownloadFile(in *provisionerd.FileRequest, stream provisionerd.DRPCProvisionerDaemon_DownloadFileStream) error {
	if in.FileId == "vector" {
		return stream.Send(vector)
	}
	count, size, _ := strings.Cut(in.FileId, ":")
	n, _ := strconv.Atoi(count)
	bytes, err := strconv.Atoi(size)
	if err != nil {
		return fmt.Errorf("bad file id %q", in.FileId)
	}
	for i := 0; i < n; i++ {
		piece := &provisioner.ChunkPiece{Data: make([]byte, bytes), PieceIndex: int32(i)}
		if err := stream.Send(&provisioner.FileUpload{Type: &provisioner.FileUpload_ChunkPiece{ChunkPiece: piece}}); err != nil {
			return err
		}
		s.sent.Add(1)
	}
	return nil
}

func (s *service) AcquireJob(context.Context, *provisionerd.Empty) (*provisionerd.AcquiredJob, error) {
	return &provisionerd.AcquiredJob{
		JobId:       strconv.FormatInt(s.cancelled.Load(), 10),
		CreatedAt:   s.uploaded.Load(),
		UserName:    strconv.FormatInt(s.sent.Load(), 10),
		Provisioner: strconv.FormatInt(s.hung.Load(), 10),
	}, nil
}

func (s *service) Session(stream provisioner.DRPCProvisioner_SessionStream) error {
	answer := func(level string) error {
		log := &provisioner.Log{Level: provisioner.LogLevel_INFO, Output: "re: " + level}
		return stream.Send(&provisioner.Response{Type: &provisioner.Response_Log{Log: log}})
	}
	var later []string
	for {
		in, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if level := in.GetConfig().GetProvisionerLogLevel(); strings.HasPrefix(level, "later") {
			later = append(later, level)
		} else if err := answer(level); err != nil {
			return err
		}
	}
	for _, level := range later {
		if err := answer(level); err != nil {
			return err
		}
	}
	return nil
}
