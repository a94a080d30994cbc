package interop

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"testing"

	"google.golang.org/protobuf/proto"

	"berth/interop/generated/provisioner"
	"berth/interop/generated/provisionerd"
)

func parameter(name, value string) *provisioner.RichParameterValue {
	return &provisioner.RichParameterValue{Name: name, Value: value}
}

// sameBuild checks the job of a build; what the server alone knows (keys, a token, the modules' id) may be anything.
func (b *berth) sameBuild(t *testing.T, job *provisionerd.AcquiredJob, workspace, build any,
	want *provisionerd.AcquiredJob_WorkspaceBuild) {
	t.Helper()
	got := job.GetWorkspaceBuild().GetMetadata()
	user := b.get(t, "/api/v2/users/me")
	member := &provisioner.Role{Name: "organization-member", OrgId: at(user, "organization_ids.0")}
	want.WorkspaceBuildId = at(build, "id")
	want.WorkspaceName = at(workspace, "name")
	proto.Merge(want.Metadata, &provisioner.Metadata{
		CoderUrl: b.url, WorkspaceName: at(workspace, "name"), WorkspaceId: at(workspace, "id"),
		WorkspaceBuildId: at(build, "id"), WorkspaceOwner: "owner", WorkspaceOwnerId: at(user, "id"),
		WorkspaceOwnerEmail: "owner@example.com", WorkspaceOwnerName: "The Owner",
		WorkspaceOwnerLoginType: "password", WorkspaceOwnerGroups: []string{"Everyone"},
		WorkspaceOwnerRbacRoles: []*provisioner.Role{{Name: "member"}, {Name: "owner"}, member},
		TemplateId:              at(workspace, "template_id"), TemplateName: at(workspace, "template_name"),
		TemplateVersion: at(build, "template_version_name"), TemplateVersionId: at(build, "template_version_id"),
		WorkspaceOwnerSshPublicKey:  at(b.get(t, "/api/v2/users/me/gitsshkey"), "public_key"),
		WorkspaceOwnerSshPrivateKey: got.GetWorkspaceOwnerSshPrivateKey(),
		WorkspaceOwnerSessionToken:  got.GetWorkspaceOwnerSessionToken(), TemplateVersionModulesFile: got.GetTemplateVersionModulesFile(),
	})
	same(t, "the job", job, &provisionerd.AcquiredJob{
		JobId: at(build, "job.id"), CreatedAt: job.CreatedAt, Provisioner: "terraform", UserName: "owner",
		TemplateSourceArchive: source(t), Type: &provisionerd.AcquiredJob_WorkspaceBuild_{WorkspaceBuild: want},
	})
}

func buildsAWorkspace(t *testing.T, b *berth) {
	b.newSecret(t)
	d := b.daemonAs(t, b.cookie(), url.Values{"version": {"1.17"}})
	version := b.newVersion(t)
	imported := d.acquire(t)
	_, err := d.UpdateJob(deadline(t), &provisionerd.UpdateJobRequest{
		JobId:             imported.JobId,
		TemplateVariables: []*provisioner.TemplateVariable{{Name: "size", Type: "number", DefaultValue: "4", Sensitive: true}}})
	succeeds(t, "UpdateJob", err)
	succeeds(t, "UploadFile", d.upload(t, piecesOf(modules)))
	result := importResult()
	result.ModuleFilesHash = hashOf(modules)
	d.completeImport(t, imported.JobId, result)
	template := b.post(t, organization+"/templates", object{"name": tag(t), "template_version_id": at(version, "id")})

	workspace := b.newWorkspace(t, template, object{"name": "cpus", "value": "2"})
	build := workspace.(object)["latest_build"]
	job := d.acquire(t)
	b.sameBuild(t, job, workspace, build, &provisionerd.AcquiredJob_WorkspaceBuild{
		RichParameterValues: []*provisioner.RichParameterValue{parameter("cpus", "2"), parameter("region", "eu")},
		VariableValues:      []*provisioner.VariableValue{{Name: "size", Value: "4", Sensitive: true}},
		UserSecrets:         []*provisioner.UserSecretValue{{EnvName: "PASS", FilePath: "~/.pass", Value: []byte("hush")}},
		Metadata:            &provisioner.Metadata{WorkspaceTransition: provisioner.WorkspaceTransition_START},
	})
	metadata := job.GetWorkspaceBuild().Metadata
	if !bytes.Contains([]byte(metadata.WorkspaceOwnerSshPrivateKey), []byte("PRIVATE KEY")) {
		t.Error("the owner's SSH key did not come along")
	}
	// The token is the owner's, for this workspace.
	owner := &berth{url: b.url, token: metadata.WorkspaceOwnerSessionToken}
	owner.shows(t, "/api/v2/workspaces/"+at(workspace, "id"), `{"name": "build", "latest_build": {"status": "starting"}}`)

	pieces, err := d.download(t, modulesOf(job))
	succeeds(t, "DownloadFile", err)
	for i, want := range piecesOf(modules) {
		if i >= len(pieces) || !proto.Equal(pieces[i], want) {
			t.Errorf("piece %d of the %d of the modules is another one", i, len(pieces))
		}
	}
	quota, err := d.CommitQuota(deadline(t), &provisionerd.CommitQuotaRequest{JobId: job.JobId, DailyCost: 3})
	succeeds(t, "CommitQuota", err)
	same(t, "the quota", quota, &provisionerd.CommitQuotaResponse{Ok: true, CreditsConsumed: 3, Budget: -1})
	_, err = d.UpdateJob(deadline(t), &provisionerd.UpdateJobRequest{JobId: job.JobId, Logs: []*provisionerd.Log{{
		Source: provisionerd.LogSource_PROVISIONER, Level: provisioner.LogLevel_DEBUG, Stage: "Starting", Output: "docker run"}}})
	succeeds(t, "UpdateJob", err)
	d.completeBuild(t, job.JobId, buildResult("4b6a1a0e-0c05-4d3e-9c9b-2f3f3ea3b0c1"))

	path := "/api/v2/workspacebuilds/" + at(build, "id")
	b.shows(t, path, `{"status": "running", "daily_cost": 3, "job": {"status": "succeeded"}, "resources": [`+devResourceShown+`]}`)
	b.shows(t, path+"/logs", `[{"log_source": "provisioner", "log_level": "debug", "stage": "Starting", "output": "docker run"}]`)
	b.shows(t, path+"/timings", timingsShown)
	if got := b.request(t, http.MethodGet, path+"/state", nil); !bytes.Equal(got, state) {
		t.Errorf("a state of %d bytes became one of %d", len(state), len(got))
	}
	stopsTheWorkspace(t, b, d, workspace)
}

// stopsTheWorkspace sees that the next build has what the first one left, and nothing that only a start may have.
func stopsTheWorkspace(t *testing.T, b *berth, d daemon, workspace any) {
	t.Helper()
	stop := b.newBuild(t, workspace, object{"transition": "stop", "log_level": "debug"})
	job := d.acquire(t)
	values := []*provisioner.RichParameterValue{parameter("cpus", "2"), parameter("region", "eu")}
	b.sameBuild(t, job, workspace, stop, &provisionerd.AcquiredJob_WorkspaceBuild{
		RichParameterValues: values, PreviousParameterValues: values, State: state, LogLevel: "debug",
		VariableValues: []*provisioner.VariableValue{{Name: "size", Value: "4", Sensitive: true}},
		Metadata:       &provisioner.Metadata{WorkspaceTransition: provisioner.WorkspaceTransition_STOP},
	})
	if token := job.GetWorkspaceBuild().Metadata.WorkspaceOwnerSessionToken; token != "" {
		t.Error("a stopping workspace got a session token")
	}
	d.completeBuild(t, job.JobId, &provisionerd.CompletedJob_WorkspaceBuild{State: []byte("{}")})
	b.shows(t, "/api/v2/workspaces/"+at(workspace, "id"), `{"latest_build": {"status": "stopped", "resources": []}}`)
}

func failsJobs(t *testing.T, b *berth) {
	d := b.daemon(t)
	version := b.newVersion(t)
	_, err := d.FailJob(deadline(t), &provisionerd.FailedJob{
		JobId: d.acquire(t).JobId, Error: "password needs a value", ErrorCode: "REQUIRED_TEMPLATE_VARIABLES",
		Type: &provisionerd.FailedJob_TemplateImport_{TemplateImport: &provisionerd.FailedJob_TemplateImport{}}})
	succeeds(t, "FailJob of an import", err)
	b.shows(t, "/api/v2/templateversions/"+at(version, "id"),
		`{"job": {"status": "failed", "error": "password needs a value", "error_code": "REQUIRED_TEMPLATE_VARIABLES"}}`)

	workspace := b.newWorkspace(t, b.newTemplate(t, d, &provisionerd.CompletedJob_TemplateImport{}))
	_, err = d.FailJob(deadline(t), &provisionerd.FailedJob{JobId: d.acquire(t).JobId, Error: "no space left",
		Type: &provisionerd.FailedJob_WorkspaceBuild_{WorkspaceBuild: &provisionerd.FailedJob_WorkspaceBuild{
			State: []byte("half done"), Timings: buildResult("").Timings}}})
	succeeds(t, "FailJob of a build", err)
	path := "/api/v2/workspacebuilds/" + at(workspace, "latest_build.id")
	b.shows(t, path, `{"status": "failed", "job": {"status": "failed", "error": "no space left"}}`)
	b.shows(t, path+"/timings", timingsShown)

	// What the failed build left is where the next one begins.
	b.newBuild(t, workspace, object{"transition": "delete"})
	job := d.acquire(t)
	got := job.GetWorkspaceBuild()
	if string(got.State) != "half done" || got.Metadata.WorkspaceTransition != provisioner.WorkspaceTransition_DESTROY {
		t.Errorf("after the failure: %v", got)
	}
	d.completeBuild(t, job.JobId, &provisionerd.CompletedJob_WorkspaceBuild{})

	// A template that nobody can store fails its job, with the reason.
	version = b.newVersion(t)
	twins := &provisionerd.CompletedJob_TemplateImport{RichParameters: []*provisioner.RichParameter{{Name: "cpu"}, {Name: "cpu"}}}
	_, err = d.CompleteJob(deadline(t), &provisionerd.CompletedJob{
		JobId: d.acquire(t).JobId, Type: &provisionerd.CompletedJob_TemplateImport_{TemplateImport: twins}})
	fails(t, "two parameters of one name", err, invalidArgument, "cpu")
	b.shows(t, "/api/v2/templateversions/"+at(version, "id"), `{"job": {"status": "failed", "error": %q}}`, err.Error())
}

func runsDry(t *testing.T, b *berth) {
	d := b.daemon(t)
	template := b.newTemplate(t, d, importResult())
	path := "/api/v2/templateversions/" + at(template, "active_version_id")
	dry := b.post(t, path+"/dry-run", object{
		"workspace_name": "trial", "rich_parameter_values": []object{{"name": "cpus", "value": "8"}},
		"user_variable_values": []object{}})
	job := d.acquire(t)
	same(t, "the job", job, &provisionerd.AcquiredJob{
		JobId: at(dry, "id"), CreatedAt: job.CreatedAt, Provisioner: "terraform", UserName: "owner", TemplateSourceArchive: source(t),
		Type: &provisionerd.AcquiredJob_TemplateDryRun_{TemplateDryRun: &provisionerd.AcquiredJob_TemplateDryRun{
			RichParameterValues: []*provisioner.RichParameterValue{parameter("cpus", "8")},
			Metadata: &provisioner.Metadata{
				CoderUrl: b.url, WorkspaceName: "trial", TemplateId: at(template, "id"), TemplateName: "dry-run",
				TemplateVersion: at(b.get(t, path), "name"), TemplateVersionId: at(template, "active_version_id")},
		}},
	})
	_, err := d.CompleteJob(deadline(t), &provisionerd.CompletedJob{JobId: job.JobId,
		Type: &provisionerd.CompletedJob_TemplateDryRun_{TemplateDryRun: &provisionerd.CompletedJob_TemplateDryRun{
			Resources: []*provisioner.Resource{{Name: "dev", Type: "docker_container", DailyCost: 7}}, Modules: moduleList}}})
	succeeds(t, "CompleteJob of a dry run", err)
	b.shows(t, path+"/dry-run/"+at(dry, "id"), `{"status": "succeeded"}`)
	b.shows(t, path+"/dry-run/"+at(dry, "id")+"/resources", `[{"name": "dev", "type": "docker_container", "daily_cost": 7}]`)
}

func hearsOfTheCancel(t *testing.T, b *berth) {
	d := b.daemon(t)
	path := "/api/v2/templateversions/" + at(b.newVersion(t), "id")
	job := d.acquire(t).JobId
	for _, canceled := range []bool{false, true} {
		if canceled {
			b.request(t, http.MethodPatch, path+"/cancel", nil)
		}
		answer, err := d.UpdateJob(deadline(t), &provisionerd.UpdateJobRequest{JobId: job})
		succeeds(t, "UpdateJob", err)
		same(t, "the answer to UpdateJob", answer, &provisionerd.UpdateJobResponse{Canceled: canceled})
	}
	_, err := d.FailJob(deadline(t), &provisionerd.FailedJob{JobId: job, Error: "interrupted"})
	succeeds(t, "FailJob", err)
	b.shows(t, path, `{"job": {"status": "canceled", "error": null}}`)
}

func answersTwice(t *testing.T, b *berth) {
	d := b.daemon(t)
	version := b.newVersion(t)
	job := d.acquire(t).JobId
	d.completeImport(t, job, &provisionerd.CompletedJob_TemplateImport{})
	for what, err := range d.answers(t, job) {
		fails(t, what, err, failedPrecondition, "already completed")
	}
	b.shows(t, "/api/v2/templateversions/"+at(version, "id"), `{"job": {"status": "succeeded", "error": null}}`)
}

func touchesAnothersJob(t *testing.T, b *berth) {
	d := b.daemon(t)
	other := b.daemonAs(t, b.cookie(), url.Values{"name": {"stranger"}, "tag": {"test=none"}})
	version := b.newVersion(t)
	job := d.acquire(t).JobId
	for what, err := range other.answers(t, job) {
		fails(t, what, err, notFound, "holds no such job")
	}
	fails(t, "UploadFile without an import", other.upload(t, piecesOf(modules)), permissionDenied, "no import")
	succeeds(t, "UploadFile", d.upload(t, piecesOf(modules)))
	result := importResult()
	result.ModuleFilesHash = hashOf(modules)
	d.completeImport(t, job, result)

	// The modules are for the daemon that builds with them.
	template := b.post(t, organization+"/templates", object{"name": tag(t), "template_version_id": at(version, "id")})
	b.newWorkspace(t, template, object{"name": "cpus", "value": "2"})
	build := d.acquire(t)
	_, err := other.download(t, modulesOf(build))
	fails(t, "DownloadFile", err, notFound, "no job of this daemon")
	_, err = d.download(t, modulesOf(build))
	succeeds(t, "DownloadFile", err)
	for _, id := range []string{"", "none", "00000000-0000-0000-0000-000000000000"} {
		file := modulesOf(build)
		file.FileId = id
		if _, err := d.download(t, file); err == nil {
			t.Errorf("DownloadFile of %q went well", id)
		}
	}
	d.completeBuild(t, build.JobId, &provisionerd.CompletedJob_WorkspaceBuild{})
}

// acquiresTheOldWay: the unary call brings the job that waits, or the one that comes; when none does, an empty one.
func acquiresTheOldWay(t *testing.T, b *berth) {
	d := b.daemonAs(t, b.cookie(), url.Values{"version": {"1.0"}})
	jobs := make(chan *provisionerd.AcquiredJob)
	call := func() {
		job, err := d.AcquireJob(deadline(t), &provisionerd.Empty{})
		if err != nil {
			t.Error(err)
		}
		jobs <- job
	}
	finish := func(version any) {
		t.Helper()
		job := (<-jobs).GetJobId()
		if job != at(version, "job.id") {
			t.Fatalf("job %q, not %q", job, at(version, "job.id"))
		}
		d.completeImport(t, job, &provisionerd.CompletedJob_TemplateImport{})
	}
	waiting := b.newVersion(t)
	go call()
	finish(waiting)
	go call()
	finish(b.newVersion(t))
	go call()
	same(t, "no job", <-jobs, &provisionerd.AcquiredJob{})
}

// givesUpWaiting in three ways; no job may go to a wish that is no more.
func givesUpWaiting(t *testing.T, b *berth) {
	d := b.daemon(t)
	wish := d.wish(t)
	succeeds(t, "CancelAcquire", wish.Send(&provisionerd.CancelAcquire{}))
	same(t, "no job", take(t, wish), &provisionerd.AcquiredJob{})

	wish = d.wish(t)
	succeeds(t, "CloseSend", wish.CloseSend())
	same(t, "no job", take(t, wish), &provisionerd.AcquiredJob{})

	ctx, cancel := context.WithCancel(deadline(t))
	wish, err := d.AcquireJobWithCancel(ctx)
	succeeds(t, "AcquireJobWithCancel", err)
	cancel()
	if job, err := wish.Recv(); !errors.Is(err, context.Canceled) {
		t.Errorf("the canceled wish brought %v, %v", job, err)
	}
	eventually(t, "no stream is left", func() bool { return d.connection.session.NumStreams() == 0 })

	version := b.newVersion(t)
	job := d.acquire(t).JobId
	if job != at(version, "job.id") {
		t.Errorf("job %s, not %s", job, at(version, "job.id"))
	}
	d.completeImport(t, job, &provisionerd.CompletedJob_TemplateImport{})
}

// isCutOff while it waits for a job, which another one gets.
func isCutOff(t *testing.T, b *berth) {
	first := b.daemon(t)
	wish := first.wish(t)
	succeeds(t, "the cut", first.connection.socket.CloseNow())
	if job, err := wish.Recv(); err == nil || errors.Is(err, io.EOF) {
		t.Errorf("over a connection that is gone came %v, %v", job, err)
	}
	second := b.daemonAs(t, b.cookie(), url.Values{"name": {"second"}})
	version := b.newVersion(t)
	job := second.acquire(t).JobId
	if job != at(version, "job.id") {
		t.Errorf("job %s, not %s", job, at(version, "job.id"))
	}
	second.completeImport(t, job, &provisionerd.CompletedJob_TemplateImport{})
}

func showsCredentials(t *testing.T, b *berth) {
	key := at(b.post(t, organization+"/provisionerkeys", object{"name": "interop", "tags": object{"test": tag(t)}}), "key")
	// Coder's daemon asks for its key first, and has no session for that.
	asked := *b
	asked.token = ""
	missing(t, "the key", decoded(t, asked.request(t, http.MethodGet, "/api/v2/provisionerkeys/"+key, nil,
		header("Coder-Provisioner-Daemon-Key", key))), fmt.Sprintf(`{"name": "interop", "tags": {"test": %q}}`, tag(t)))
	credentials := []struct {
		name   string
		header http.Header
		// A key has tags of its own.
		tag string
	}{
		{"session", header("Coder-Session-Token", b.token), "test=" + tag(t)},
		{"pre-shared", header("Coder-Provisioner-Daemon-Psk", preSharedKey), "test=" + tag(t)},
		{"key", header("Coder-Provisioner-Daemon-Key", key), "test=ignored"},
	}
	for _, c := range credentials {
		d := b.daemonAs(t, c.header, url.Values{"name": {c.name}, "tag": {c.tag}})
		version := b.newVersion(t)
		d.completeImport(t, d.acquire(t).JobId, &provisionerd.CompletedJob_TemplateImport{})
		b.shows(t, "/api/v2/templateversions/"+at(version, "id"), `{"job": {"status": "succeeded", "worker_name": %q}}`, c.name)
	}
}

func sendsTooMuch(t *testing.T, b *berth) {
	d := b.daemon(t)
	version := b.newVersion(t)
	job := d.acquire(t).JobId
	update := func(size int) error {
		request := &provisionerd.UpdateJobRequest{JobId: job, Readme: make([]byte, size)}
		request.Readme = bytes.Repeat([]byte{'r'}, size-(proto.Size(request)-size))
		_, err := d.UpdateJob(deadline(t), request)
		return err
	}
	succeeds(t, "a message of 4 MiB", update(maxMessage))
	fails(t, "a message of more", update(maxMessage+1), tooLarge, "4194304")
	// The session goes on, and so does the job.
	d.completeImport(t, job, &provisionerd.CompletedJob_TemplateImport{})
	b.shows(t, "/api/v2/templateversions/"+at(version, "id"), `{"job": {"status": "succeeded"}}`)
}
