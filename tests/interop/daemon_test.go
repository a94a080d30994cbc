package interop

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"berth/interop/generated/provisioner"
	"berth/interop/generated/provisionerd"
)

// A provisioner daemon of Go's against the real server.

const organization = "/api/v2/organizations/default"

// daemon takes the jobs of its test only: both have the test's tag.
type daemon struct {
	provisionerd.DRPCProvisionerDaemonClient
	connection connection
}

// servePath is where a daemon connects; `changes` replace what a good one says of itself.
func servePath(t *testing.T, changes url.Values) string {
	// Daemons elsewhere say their version twice.
	query := url.Values{"version": {"1.14", "1.14"}, "name": {tag(t)}, "provisioner": {"terraform"}, "tag": {"test=" + tag(t)}}
	for name, values := range changes {
		query[name] = values
	}
	return organization + "/provisionerdaemons/serve?" + query.Encode()
}

func (b *berth) daemonAs(t *testing.T, credentials http.Header, changes url.Values) daemon {
	t.Helper()
	credentials.Set("X-Coder-Build-Version", "v2.0.0-interop")
	conn := b.connect(t, servePath(t, changes), credentials)
	return daemon{provisionerd.NewDRPCProvisionerDaemonClient(conn), conn}
}

func (b *berth) daemon(t *testing.T) daemon {
	t.Helper()
	return b.daemonAs(t, b.cookie(), nil)
}

// wish waits for a job until the test ends.
func (d daemon) wish(t *testing.T) provisionerd.DRPCProvisionerDaemon_AcquireJobWithCancelClient {
	t.Helper()
	stream, err := d.AcquireJobWithCancel(deadline(t))
	succeeds(t, "AcquireJobWithCancel", err)
	return stream
}

// take is the job that a wish brings, empty or not; nothing may follow.
func take(t *testing.T, wish provisionerd.DRPCProvisionerDaemon_AcquireJobWithCancelClient) *provisionerd.AcquiredJob {
	t.Helper()
	job, err := wish.Recv()
	succeeds(t, "the wish for a job", err)
	if _, err := wish.Recv(); !errors.Is(err, io.EOF) {
		t.Errorf("after the job comes %v", err)
	}
	succeeds(t, "the end of the wish", wish.Close())
	return job
}

func (d daemon) acquire(t *testing.T) *provisionerd.AcquiredJob {
	t.Helper()
	job := take(t, d.wish(t))
	if job.JobId == "" {
		t.Fatal("there was no job")
	}
	return job
}

func (d daemon) upload(t *testing.T, pieces []*provisioner.FileUpload) error {
	t.Helper()
	stream, err := d.UploadFile(deadline(t))
	succeeds(t, "UploadFile", err)
	for _, piece := range pieces {
		// The server may refuse what comes first; the answer tells.
		if stream.Send(piece) != nil {
			break
		}
	}
	_, err = stream.CloseAndRecv()
	return err
}

func (d daemon) download(t *testing.T, request *provisionerd.FileRequest) ([]*provisioner.FileUpload, error) {
	t.Helper()
	stream, err := d.DownloadFile(deadline(t), request)
	succeeds(t, "DownloadFile", err)
	var pieces []*provisioner.FileUpload
	for {
		piece, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return pieces, nil
		}
		if err != nil {
			return pieces, err
		}
		pieces = append(pieces, piece)
	}
}

// modulesOf names the module archive that a build needs.
func modulesOf(job *provisionerd.AcquiredJob) *provisionerd.FileRequest {
	return &provisionerd.FileRequest{
		FileId:     job.GetWorkspaceBuild().GetMetadata().GetTemplateVersionModulesFile(),
		UploadType: provisioner.DataUploadType_UPLOAD_TYPE_MODULE_FILES,
	}
}

func (d daemon) completeImport(t *testing.T, job string, result *provisionerd.CompletedJob_TemplateImport) {
	t.Helper()
	_, err := d.CompleteJob(deadline(t), &provisionerd.CompletedJob{
		JobId: job, Type: &provisionerd.CompletedJob_TemplateImport_{TemplateImport: result}})
	succeeds(t, "CompleteJob of an import", err)
}

func (d daemon) completeBuild(t *testing.T, job string, result *provisionerd.CompletedJob_WorkspaceBuild) {
	t.Helper()
	_, err := d.CompleteJob(deadline(t), &provisionerd.CompletedJob{
		JobId: job, Type: &provisionerd.CompletedJob_WorkspaceBuild_{WorkspaceBuild: result}})
	succeeds(t, "CompleteJob of a build", err)
}

// answers tries everything that a daemon says of a job.
func (d daemon) answers(t *testing.T, job string) map[string]error {
	_, updated := d.UpdateJob(deadline(t), &provisionerd.UpdateJobRequest{JobId: job})
	_, failed := d.FailJob(deadline(t), &provisionerd.FailedJob{JobId: job, Error: "no"})
	_, completed := d.CompleteJob(deadline(t), &provisionerd.CompletedJob{
		JobId: job, Type: &provisionerd.CompletedJob_TemplateImport_{TemplateImport: &provisionerd.CompletedJob_TemplateImport{}}})
	return map[string]error{"UpdateJob": updated, "FailJob": failed, "CompleteJob": completed}
}

// source is the archive of the test's template.
func source(t *testing.T) []byte {
	return tarOf(t, fstest.MapFS{"main.tf": {Data: []byte("# of " + t.Name())}, "README.md": {Data: []byte("# Read me")}})
}

// newVersion asks for the import of source().
func (b *berth) newVersion(t *testing.T, variables ...object) any {
	t.Helper()
	file := decoded(t, b.request(t, http.MethodPost, "/api/v2/files", source(t)))
	return b.post(t, organization+"/templateversions", object{
		"storage_method": "file", "file_id": at(file, "hash"), "provisioner": "terraform", "tags": object{"test": tag(t)},
		"user_variable_values": append([]object{}, variables...),
	})
}

// newTemplate imports one, by this daemon.
func (b *berth) newTemplate(t *testing.T, d daemon, result *provisionerd.CompletedJob_TemplateImport) any {
	t.Helper()
	version := b.newVersion(t)
	d.completeImport(t, d.acquire(t).JobId, result)
	return b.post(t, organization+"/templates", object{"name": tag(t), "template_version_id": at(version, "id")})
}

func (b *berth) newWorkspace(t *testing.T, template any, parameters ...object) any {
	t.Helper()
	return b.post(t, "/api/v2/users/me/workspaces", object{
		"name": tag(t), "template_id": at(template, "id"), "rich_parameter_values": append([]object{}, parameters...)})
}

func (b *berth) newBuild(t *testing.T, workspace any, body object) any {
	t.Helper()
	return b.post(t, "/api/v2/workspaces/"+at(workspace, "id")+"/builds", body)
}

func TestDaemonsAreRefused(t *testing.T) {
	b := startBerth(t)
	good := servePath(t, nil)
	psk := header("Coder-Provisioner-Daemon-Psk", preSharedKey)
	both := psk.Clone()
	both.Set("Coder-Provisioner-Daemon-Key", "any")
	but := func(name string, values ...string) string { return servePath(t, url.Values{name: values}) }
	b.refuses(t, []refusal{
		{"nobody", good, nil, 401, "session token"},
		{"a wrong session", good, header("Cookie", "coder_session_token=aaaaaaaaaa-aaaaaaaaaaaaaaaaaaaaaa"), 401, "sign in"},
		{"a wrong pre-shared key", good, header("Coder-Provisioner-Daemon-Psk", "wrong"), 401, "pre-shared key"},
		{"a wrong provisioner key", good, header("Coder-Provisioner-Daemon-Key", "wrong"), 401, "provisioner key"},
		{"two keys", good, both, 400, "not both"},
		{"a newer major version", but("version", "99.0"), psk, 400, "upgrade the server"},
		{"a newer minor version", but("version", "1.99"), psk, 400, "upgrade the server"},
		{"an older major version", but("version", "0.9"), psk, 400, "upgrade the daemon"},
		{"no version", but("version", "new"), psk, 400, "malformed"},
		{"nothing offered", but("provisioner"), psk, 400, "offers nothing"},
		{"something unknown offered", but("provisioner", "magic"), psk, 400, "unknown provisioner"},
		{"a tag without a value", but("tag", "gpu"), psk, 400, "key=value"},
		{"a user's tag without a user", but("tag", "scope=user"), psk, 400, "session of a user"},
		{"no such organization", strings.Replace(good, "default", "nowhere", 1), psk, 404, ""},
	})
}

func TestDaemon(t *testing.T) {
	b := startBerth(t)
	scenarios := []struct {
		name string
		run  func(*testing.T, *berth)
	}{
		{"import", importsATemplate}, {"build", buildsAWorkspace}, {"failure", failsJobs},
		{"dry-run", runsDry}, {"canceled", hearsOfTheCancel}, {"twice", answersTwice}, {"foreign", touchesAnothersJob},
		{"poll", acquiresTheOldWay}, {"give-up", givesUpWaiting}, {"cut", isCutOff}, {"credentials", showsCredentials},
		{"limit", sendsTooMuch},
	}
	for _, scenario := range scenarios {
		t.Run(scenario.name, func(t *testing.T) {
			t.Parallel()
			scenario.run(t, b)
		})
	}
}

func importsATemplate(t *testing.T, b *berth) {
	d := b.daemon(t)
	wish := d.wish(t)
	version := b.newVersion(t, object{"name": "region", "value": "eu"})
	job := take(t, wish)
	made, _ := time.Parse(time.RFC3339Nano, at(version, "job.created_at"))
	same(t, "the job", job, &provisionerd.AcquiredJob{
		JobId: at(version, "job.id"), CreatedAt: made.UnixMilli(), Provisioner: "terraform", UserName: "owner",
		TemplateSourceArchive: source(t),
		Type: &provisionerd.AcquiredJob_TemplateImport_{TemplateImport: &provisionerd.AcquiredJob_TemplateImport{
			Metadata: &provisioner.Metadata{
				CoderUrl: b.url, TemplateVersion: at(version, "name"), TemplateVersionId: at(version, "id")},
			UserVariableValues: []*provisioner.VariableValue{{Name: "region", Value: "eu"}},
		}},
	})
	path := "/api/v2/templateversions/" + at(version, "id")
	b.shows(t, path, `{"job": {"status": "running", "worker_name": "import", "tags": {"test": "import"}}}`)
	b.shows(t, organization+"/provisionerdaemons?tags="+url.QueryEscape(`{"test": "import"}`), `[{
		"name": "import", "version": "v2.0.0-interop", "api_version": "1.14", "provisioners": ["terraform"], "status": "busy",
		"tags": {"scope": "organization", "owner": "", "test": "import"}, "current_job": {"id": %q}}]`, job.JobId)

	answer, err := d.UpdateJob(deadline(t), &provisionerd.UpdateJobRequest{
		JobId: job.JobId,
		Logs: []*provisionerd.Log{
			{Source: provisionerd.LogSource_PROVISIONER_DAEMON, Level: provisioner.LogLevel_INFO, CreatedAt: 1709208000123,
				Stage: "Setting up", Output: "begin"},
			{Source: provisionerd.LogSource_PROVISIONER, Level: provisioner.LogLevel_WARN, CreatedAt: 1709208000456,
				Stage: "Planning", Output: "käse ✓"},
		},
		TemplateVariables: []*provisioner.TemplateVariable{
			{Name: "region", Description: "Where", Type: "string", Required: true},
			{Name: "size", Type: "number", DefaultValue: "4"},
			{Name: "password", Type: "string", Required: true, Sensitive: true},
		},
		UserVariableValues: []*provisioner.VariableValue{{Name: "password", Value: "open", Sensitive: true}},
		Readme:             []byte("# Read me"),
		WorkspaceTags:      map[string]string{"zone": `"a"`},
	})
	succeeds(t, "UpdateJob", err)
	same(t, "the answer to UpdateJob", answer, &provisionerd.UpdateJobResponse{VariableValues: []*provisioner.VariableValue{
		{Name: "region", Value: "eu"}, {Name: "size", Value: "4"}, {Name: "password", Value: "open", Sensitive: true}}})

	torn := piecesOf(modules)
	torn[1], torn[2] = torn[2], torn[1]
	fails(t, "pieces out of order", d.upload(t, torn), invalidArgument, "order")
	fails(t, "too few pieces", d.upload(t, piecesOf(modules)[:3]), invalidArgument, "ended before")
	others := append(piecesOf(modules)[:1], piecesOf(bytes.ToUpper(modules))[1:]...)
	fails(t, "pieces of another file", d.upload(t, others), invalidArgument, "another file")
	gaveUp := &provisioner.FileUpload{Type: &provisioner.FileUpload_Error{Error: &provisioner.FailedFile{Error: "disk full"}}}
	fails(t, "an upload given up", d.upload(t, append(piecesOf(modules)[:2], gaveUp)), invalidArgument, "disk full")
	succeeds(t, "UploadFile", d.upload(t, piecesOf(modules)))

	result := importResult()
	result.ModuleFilesHash = hashOf(modules)
	d.completeImport(t, job.JobId, result)
	b.shows(t, path, `{"readme": "# Read me", "job": {"status": "succeeded", "error": null}}`)
	b.shows(t, path+"/logs", `[
		{"log_source": "provisioner_daemon", "log_level": "info", "created_at": "2024-02-29T12:00:00.123Z",
		 "stage": "Setting up", "output": "begin"},
		{"log_source": "provisioner", "log_level": "warn", "created_at": "2024-02-29T12:00:00.456Z",
		 "stage": "Planning", "output": "käse ✓"}]`)
	b.shows(t, path+"/variables", `[
		{"name": "password", "value": "", "required": true, "sensitive": true},
		{"name": "region", "description": "Where", "type": "string", "value": "eu", "required": true},
		{"name": "size", "type": "number", "value": "4", "default_value": "4", "required": false}]`)
	shown := object{}
	for name := range decoded(t, []byte(importShown)).(object) {
		shown[name] = b.get(t, path+"/"+name)
	}
	missing(t, path, shown, importShown)
}
