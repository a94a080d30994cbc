package interop

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"berth/interop/generated/agent"
	"berth/interop/generated/provisionerd"
)

// An agent of Go's against the real server.

const (
	agentPath  = "/api/v2/workspaceagents/me/rpc"
	agentToken = "0b8bd0a8-5a59-4f3c-9d5e-7f2d0c2a4f11"
)

// site is a running workspace, as REST shows it, and the connection of its agent.
type site struct {
	*berth
	agent.DRPCAgentClient
	workspace string
	build     string
	agentID   string
}

// shown is what REST tells of the agent.
func (s *site) shown(t *testing.T) any {
	t.Helper()
	return s.get(t, "/api/v2/workspaceagents/"+s.agentID)
}

func (s *site) agentShows(t *testing.T, format string, values ...any) {
	t.Helper()
	s.shows(t, "/api/v2/workspaceagents/"+s.agentID, format, values...)
}

// startWorkspace lets a daemon make a workspace whose agent has this token.
func startWorkspace(t *testing.T) *site {
	t.Helper()
	b := startBerth(t)
	b.newSecret(t)
	d := b.daemon(t)
	workspace := b.newWorkspace(t, b.newTemplate(t, d, &provisionerd.CompletedJob_TemplateImport{}))
	d.completeBuild(t, d.acquire(t).JobId, buildResult(agentToken))
	s := &site{berth: b, workspace: at(workspace, "id"), build: at(workspace, "latest_build.id")}
	s.agentID = at(b.get(t, "/api/v2/workspacebuilds/"+s.build), "resources.0.agents.0.id")
	return s
}

// connectAgent is for a version of the agent API; it returns the connection, which the client uses from now on.
func (s *site) connectAgent(t *testing.T, version string) connection {
	t.Helper()
	conn := s.connect(t, agentPath+"?version="+version, header("Coder-Session-Token", agentToken))
	s.DRPCAgentClient = agent.NewDRPCAgentClient(conn)
	return conn
}

func idBytes(text string) []byte {
	id, _ := hex.DecodeString(strings.ReplaceAll(text, "-", ""))
	return id
}

func TestAgent(t *testing.T) {
	s := startWorkspace(t)
	good := header("Coder-Session-Token", agentToken)
	path := agentPath + "?version="
	s.refuses(t, []refusal{
		{"nobody", path + "2.0", nil, 401, "agent token"},
		{"a wrong token", path + "2.0", header("Coder-Session-Token", "0b8bd0a8-5a59-4f3c-9d5e-7f2d0c2a4f12"), 401, "unknown"},
		{"a malformed token", path + "2.0", header("Coder-Session-Token", "'; --"), 401, "malformed"},
		{"a person's session", path + "2.0", header("Coder-Session-Token", s.token), 401, "malformed"},
		{"a newer version", path + "99.0", good, 400, "not supported"},
		{"a newer minor version", path + "2.99", good, 400, "not supported"},
		{"an older version", path + "1.0", good, 400, "not supported"},
		{"a malformed version", path + "new", good, 400, "malformed"},
	})
	conn := s.connectAgent(t, "2.3")
	for _, part := range []struct {
		name string
		run  func(*testing.T)
	}{
		{"Manifest", s.manifest}, {"Startup", s.startup}, {"Lifecycle", s.lifecycle}, {"Logs", s.logs}, {"Metadata", s.metadata},
		{"Apps", s.apps}, {"Stats", s.stats}, {"Scripts", s.scripts}, {"Monitoring", s.monitoring}, {"Banners", s.banners},
		{"Connections", s.connections},
	} {
		t.Run(part.name, part.run)
	}
	s.comesAndGoes(t, conn)
}

// manifest has what the daemon completed the build with; ids are those that people see.
func (s *site) manifest(t *testing.T) {
	got, err := s.GetManifest(deadline(t), &agent.GetManifestRequest{})
	succeeds(t, "GetManifest", err)
	shown := s.shown(t)
	seconds := func(n int64) *durationpb.Duration { return &durationpb.Duration{Seconds: n} }
	same(t, "the manifest", got, &agent.Manifest{
		AgentId: idBytes(s.agentID), AgentName: "main", WorkspaceId: idBytes(s.workspace), WorkspaceName: "testagent",
		OwnerUsername: "owner", Directory: "/home/coder", MotdPath: "/etc/motd",
		EnvironmentVariables: map[string]string{"EDITOR": "vi", "PATH": "/opt/bin:/bin"},
		Scripts: []*agent.WorkspaceAgentScript{{
			Id: idBytes(at(shown, "scripts.0.id")), LogSourceId: idBytes(at(shown, "log_sources.0.id")),
			DisplayName: "Startup", Script: "echo up", LogPath: "/tmp/up.log",
			RunOnStart: true, StartBlocksLogin: true, Timeout: seconds(60), Cron: "0 5 * * *",
		}},
		Apps: []*agent.WorkspaceApp{
			{
				Id: idBytes(at(shown, "apps.0.id")), Slug: "web", DisplayName: "Web", Url: "http://localhost:8080", Icon: "/icon/web.svg",
				Subdomain: true, SharingLevel: agent.WorkspaceApp_AUTHENTICATED, Health: agent.WorkspaceApp_INITIALIZING,
				Healthcheck: &agent.WorkspaceApp_Healthcheck{Url: "http://localhost:8080/health", Interval: seconds(5), Threshold: 6},
			},
			{
				Id: idBytes(at(shown, "apps.1.id")), Slug: "shell", Command: "top", Hidden: true, SharingLevel: agent.WorkspaceApp_OWNER,
				Health: agent.WorkspaceApp_DISABLED, Healthcheck: &agent.WorkspaceApp_Healthcheck{Interval: seconds(0)},
			},
		},
		Metadata: []*agent.WorkspaceAgentMetadata_Description{
			{Key: "load", DisplayName: "Load", Script: "uptime", Interval: seconds(10), Timeout: seconds(2)},
			{Key: "disk", DisplayName: "Disk", Script: "df", Interval: seconds(60), Timeout: seconds(5)},
		},
		Secrets: []*agent.WorkspaceSecret{{EnvName: "PASS", FilePath: "~/.pass", Value: []byte("hush")}},
	})
	s.agentShows(t, `{"status": "connected", "log_sources": [{"display_name": "Startup", "icon": "/icon/go.svg"}]}`)
}

func (s *site) startup(t *testing.T) {
	want := &agent.Startup{Version: "v2.0.0-interop", ExpandedDirectory: "/home/coder/src", Subsystems: []agent.Startup_Subsystem{
		agent.Startup_ENVBOX, agent.Startup_EXECTRACE}}
	got, err := s.UpdateStartup(deadline(t), &agent.UpdateStartupRequest{Startup: want})
	succeeds(t, "UpdateStartup", err)
	same(t, "the startup", got, want)
	s.agentShows(t, `{"version": "v2.0.0-interop", "expanded_directory": "/home/coder/src", "subsystems": ["envbox", "exectrace"],
		"api_version": "2.3"}`)
}

func (s *site) lifecycle(t *testing.T) {
	began := time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)
	for i, step := range []struct {
		state agent.Lifecycle_State
		shown string
	}{
		{agent.Lifecycle_STARTING, `{"lifecycle_state": "starting", "started_at": "2024-02-29T12:00:00Z", "ready_at": null}`},
		{agent.Lifecycle_READY, `{"lifecycle_state": "ready", "ready_at": "2024-02-29T12:00:01Z"}`},
	} {
		want := &agent.Lifecycle{State: step.state, ChangedAt: timestamppb.New(began.Add(time.Duration(i) * time.Second))}
		got, err := s.UpdateLifecycle(deadline(t), &agent.UpdateLifecycleRequest{Lifecycle: want})
		succeeds(t, "UpdateLifecycle", err)
		same(t, "the lifecycle", got, want)
		s.agentShows(t, "%s", step.shown)
	}
	_, err := s.UpdateLifecycle(deadline(t), &agent.UpdateLifecycleRequest{Lifecycle: &agent.Lifecycle{}})
	fails(t, "no state", err, invalidArgument, "lifecycle")
}

func (s *site) logs(t *testing.T) {
	source := at(s.shown(t), "log_sources.0.id")
	answer, err := s.BatchCreateLogs(deadline(t), &agent.BatchCreateLogsRequest{LogSourceId: idBytes(source), Logs: []*agent.Log{
		{CreatedAt: timestamppb.New(time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)), Output: "käse ✓", Level: agent.Log_INFO},
		{CreatedAt: timestamppb.New(time.Date(2024, 2, 29, 12, 0, 1, 0, time.UTC)), Output: "gone wrong", Level: agent.Log_ERROR},
	}})
	succeeds(t, "BatchCreateLogs", err)
	same(t, "the answer", answer, &agent.BatchCreateLogsResponse{})
	_, err = s.BatchCreateLogs(deadline(t), &agent.BatchCreateLogsRequest{LogSourceId: []byte("short")})
	fails(t, "a malformed source", err, invalidArgument, "16 bytes")
	tooLong := []*agent.Log{{Output: strings.Repeat("x", 1<<20)}}
	answer, err = s.BatchCreateLogs(deadline(t), &agent.BatchCreateLogsRequest{LogSourceId: idBytes(source), Logs: tooLong})
	succeeds(t, "BatchCreateLogs of too much", err)
	same(t, "the answer to too much", answer, &agent.BatchCreateLogsResponse{LogLimitExceeded: true})
	s.shows(t, "/api/v2/workspaceagents/"+s.agentID+"/logs", `[
		{"created_at": "2024-02-29T12:00:00Z", "output": "käse ✓", "level": "info", "source_id": %q},
		{"created_at": "2024-02-29T12:00:01Z", "output": "gone wrong", "level": "error", "source_id": %[1]q}]`, source)
	s.agentShows(t, `{"logs_overflowed": true, "logs_length": %d}`, len("käse ✓gone wrong"))
}

func (s *site) metadata(t *testing.T) {
	_, err := s.BatchUpdateMetadata(deadline(t), &agent.BatchUpdateMetadataRequest{Metadata: []*agent.Metadata{
		{Key: "load", Result: &agent.WorkspaceAgentMetadata_Result{CollectedAt: timestamppb.Now(), Value: "0.5"}},
		{Key: "disk", Result: &agent.WorkspaceAgentMetadata_Result{CollectedAt: timestamppb.Now(), Error: "no df"}},
		{Key: "none", Result: &agent.WorkspaceAgentMetadata_Result{Value: "never asked for"}},
	}})
	succeeds(t, "BatchUpdateMetadata", err)
	missing(t, "the metadata", s.firstEvent(t, "/api/v2/workspaceagents/"+s.agentID+"/watch-metadata"), `[
		{"description": {"key": "load", "display_name": "Load", "script": "uptime", "interval": 10, "timeout": 2},
		 "result": {"value": "0.5", "error": "", "age": 0}},
		{"description": {"key": "disk"}, "result": {"value": "", "error": "no df"}}]`)
}

// firstEvent is the data of the first event of a watch.
func (s *site) firstEvent(t *testing.T, path string) any {
	t.Helper()
	request, err := http.NewRequestWithContext(deadline(t), http.MethodGet, s.url+path, nil)
	succeeds(t, "the request", err)
	request.Header.Set("Coder-Session-Token", s.berth.token)
	answer, err := http.DefaultClient.Do(request)
	succeeds(t, path, err)
	defer answer.Body.Close()
	lines := bufio.NewScanner(answer.Body)
	for lines.Scan() {
		if data, found := strings.CutPrefix(lines.Text(), "data: "); found {
			return decoded(t, []byte(data))
		}
	}
	t.Fatalf("%s ended without data: %s %v", path, answer.Status, lines.Err())
	return nil
}

func (s *site) apps(t *testing.T) {
	app := idBytes(at(s.shown(t), "apps.0.id"))
	update := func(id []byte, health agent.AppHealth) error {
		_, err := s.BatchUpdateAppHealths(deadline(t), &agent.BatchUpdateAppHealthRequest{
			Updates: []*agent.BatchUpdateAppHealthRequest_HealthUpdate{{Id: id, Health: health}}})
		return err
	}
	fails(t, "a malformed id", update([]byte("short"), agent.AppHealth_HEALTHY), invalidArgument, "malformed")
	succeeds(t, "BatchUpdateAppHealths", update(app, agent.AppHealth_UNHEALTHY))
	s.agentShows(t, `{"apps": [{"slug": "web", "health": "unhealthy"}, {"slug": "shell", "health": "disabled"}]}`)
	status := &agent.UpdateAppStatusRequest{Slug: "web", State: agent.UpdateAppStatusRequest_WORKING, Message: "reading"}
	_, err := s.UpdateAppStatus(deadline(t), status)
	succeeds(t, "UpdateAppStatus", err)
	s.agentShows(t, `{"apps": [{"slug": "web", "statuses": [{"state": "working", "message": "reading"}]}, {"slug": "shell", "statuses": []}]}`)
	s.shows(t, "/api/v2/workspaces/"+s.workspace, `{"latest_app_status": {"state": "working", "message": "reading"}}`)
	status.Slug = "none"
	_, err = s.UpdateAppStatus(deadline(t), status)
	fails(t, "the status of no app", err, notFound, "slug")
}

func (s *site) stats(t *testing.T) {
	used := func() time.Time {
		moment, err := time.Parse(time.RFC3339Nano, at(s.get(t, "/api/v2/workspaces/"+s.workspace), "last_used_at"))
		succeeds(t, "last_used_at", err)
		return moment
	}
	for _, connections := range []int64{0, 1} {
		before := used()
		answer, err := s.UpdateStats(deadline(t), &agent.UpdateStatsRequest{Stats: &agent.Stats{
			ConnectionsByProto: map[string]int64{"TCP": connections}, ConnectionCount: connections, ConnectionMedianLatencyMs: -1,
			RxBytes: 1 << 40, SessionCountSsh: connections, Metrics: []*agent.Stats_Metric{{
				Name: "up", Type: agent.Stats_Metric_GAUGE, Value: 1.5, Labels: []*agent.Stats_Metric_Label{{Name: "a", Value: "b"}}}},
		}})
		succeeds(t, "UpdateStats", err)
		if answer.ReportInterval.AsDuration() < time.Second {
			t.Errorf("the next report is wanted in %v", answer.ReportInterval.AsDuration())
		}
		if moved := used().After(before); moved != (connections > 0) {
			t.Errorf("with %d connections, last_used_at moved: %v", connections, moved)
		}
	}
}

func (s *site) scripts(t *testing.T) {
	began := time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)
	timing := &agent.Timing{
		ScriptId: idBytes(at(s.shown(t), "scripts.0.id")), Start: timestamppb.New(began), End: timestamppb.New(began.Add(time.Second)),
		ExitCode: 3, Stage: agent.Timing_CRON, Status: agent.Timing_EXIT_FAILED,
	}
	_, err := s.ScriptCompleted(deadline(t), &agent.WorkspaceAgentScriptCompletedRequest{Timing: timing})
	succeeds(t, "ScriptCompleted", err)
	s.shows(t, "/api/v2/workspacebuilds/"+s.build+"/timings", `{
		"agent_script_timings": [{"started_at": "2024-02-29T12:00:00Z", "ended_at": "2024-02-29T12:00:01Z", "exit_code": 3,
			"stage": "cron", "status": "exit_failure", "display_name": "Startup", "workspace_agent_id": %q,
			"workspace_agent_name": "main"}],
		"agent_connection_timings": [{"stage": "connect", "workspace_agent_id": %[1]q, "workspace_agent_name": "main"}]}`, s.agentID)
	timing.ScriptId = nil
	_, err = s.ScriptCompleted(deadline(t), &agent.WorkspaceAgentScriptCompletedRequest{Timing: timing})
	fails(t, "no script", err, invalidArgument, "16 bytes")
}

func (s *site) monitoring(t *testing.T) {
	got, err := s.GetResourcesMonitoringConfiguration(deadline(t), &agent.GetResourcesMonitoringConfigurationRequest{})
	succeeds(t, "GetResourcesMonitoringConfiguration", err)
	same(t, "the configuration", got, &agent.GetResourcesMonitoringConfigurationResponse{
		Config:  got.GetConfig(),
		Memory:  &agent.GetResourcesMonitoringConfigurationResponse_Memory{Enabled: true},
		Volumes: []*agent.GetResourcesMonitoringConfigurationResponse_Volume{{Enabled: true, Path: "/home"}},
	})
	if config := got.GetConfig(); config.GetNumDatapoints() < 1 || config.GetCollectionIntervalSeconds() < 1 {
		t.Errorf("the configuration has %v", config)
	}
	_, err = s.PushResourcesMonitoringUsage(deadline(t), &agent.PushResourcesMonitoringUsageRequest{
		Datapoints: []*agent.PushResourcesMonitoringUsageRequest_Datapoint{{
			CollectedAt: timestamppb.Now(), Memory: &agent.PushResourcesMonitoringUsageRequest_Datapoint_MemoryUsage{Used: 1, Total: 2}}}})
	succeeds(t, "PushResourcesMonitoringUsage", err)
}

// banners: there are none, which is an answer too.
func (s *site) banners(t *testing.T) {
	banners, err := s.GetAnnouncementBanners(deadline(t), &agent.GetAnnouncementBannersRequest{})
	succeeds(t, "GetAnnouncementBanners", err)
	same(t, "the banners", banners, &agent.GetAnnouncementBannersResponse{})
	banner, err := s.GetServiceBanner(deadline(t), &agent.GetServiceBannerRequest{})
	succeeds(t, "GetServiceBanner", err)
	same(t, "the banner", banner, &agent.ServiceBanner{})
}

func (s *site) connections(t *testing.T) {
	answer, err := s.ReportConnection(deadline(t), &agent.ReportConnectionRequest{Connection: &agent.Connection{
		Id: idBytes(agentToken), Action: agent.Connection_CONNECT, Type: agent.Connection_SSH, Timestamp: timestamppb.Now(),
		Ip: "127.0.0.1", Reason: proto.String("why not")}})
	succeeds(t, "ReportConnection", err)
	same(t, "the answer", answer, &emptypb.Empty{})
	agents, err := s.ListSubAgents(deadline(t), &agent.ListSubAgentsRequest{})
	succeeds(t, "ListSubAgents", err)
	same(t, "the sub-agents", agents, &agent.ListSubAgentsResponse{})
}

// comesAndGoes politely, and then without a word.
func (s *site) comesAndGoes(t *testing.T, conn connection) {
	status := func(want string) {
		t.Helper()
		eventually(t, fmt.Sprintf("the agent is %s", want), func() bool { return at(s.shown(t), "status") == want })
	}
	status("connected")
	succeeds(t, "the end", conn.Close())
	status("disconnected")
	conn = s.connectAgent(t, "2.0")
	_, err := s.GetManifest(deadline(t), &agent.GetManifestRequest{})
	succeeds(t, "GetManifest after coming back", err)
	status("connected")
	succeeds(t, "the cut", conn.socket.CloseNow())
	status("disconnected")
	if _, err := s.GetManifest(deadline(t), &agent.GetManifestRequest{}); err == nil {
		t.Error("a connection that is gone brought a manifest")
	}
}
