package interop

import (
	"bytes"
	"crypto/sha256"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"berth/interop/generated/provisioner"
	"berth/interop/generated/provisionerd"
)

// What a daemon would make of templates and workspaces, with something in every field that the server keeps.

const pieceSize = 2 << 20

// modules is an archive of three pieces, the last one shorter.
var modules = bytes.Repeat([]byte("modules "), (2*pieceSize+80)/8)

// state is larger than a window, and with the template still below the largest message.
var state = bytes.Repeat([]byte("state!"), 3<<20/6)

func hashOf(content []byte) []byte {
	hash := sha256.Sum256(content)
	return hash[:]
}

func announcement(content []byte) *provisioner.FileUpload {
	return &provisioner.FileUpload{Type: &provisioner.FileUpload_DataUpload{DataUpload: &provisioner.DataUpload{
		UploadType: provisioner.DataUploadType_UPLOAD_TYPE_MODULE_FILES, DataHash: hashOf(content),
		FileSize: int64(len(content)), Chunks: int32((len(content) + pieceSize - 1) / pieceSize),
	}}}
}

// piecesOf is a file as it travels: its announcement, then its content in pieces.
func piecesOf(content []byte) []*provisioner.FileUpload {
	pieces := []*provisioner.FileUpload{announcement(content)}
	for start := 0; start < len(content); start += pieceSize {
		piece := &provisioner.ChunkPiece{
			Data:         content[start:min(start+pieceSize, len(content))],
			FullDataHash: hashOf(content), PieceIndex: int32(start / pieceSize),
		}
		pieces = append(pieces, &provisioner.FileUpload{Type: &provisioner.FileUpload_ChunkPiece{ChunkPiece: piece}})
	}
	return pieces
}

var moduleList = []*provisioner.Module{{Source: "registry.example.com/editors/vi", Version: "1.2.3", Key: "editor", Dir: "vi"}}

// importResult is of a template with two parameters and a preset.
func importResult() *provisionerd.CompletedJob_TemplateImport {
	least, most := int32(1), int32(8)
	return &provisionerd.CompletedJob_TemplateImport{
		StartResources: []*provisioner.Resource{{Name: "dev", Type: "container", Agents: []*provisioner.Agent{{Name: "main"}}}},
		StopResources:  []*provisioner.Resource{{Name: "home", Type: "docker_volume"}},
		RichParameters: []*provisioner.RichParameter{
			{
				Name: "region", DisplayName: "Region", Description: "Where it runs", Type: "string", Mutable: true, DefaultValue: "eu",
				Icon: "/icon/globe.svg", FormType: provisioner.ParameterFormType_RADIO, Order: 1,
				Options: []*provisioner.RichParameterOption{
					{Name: "Europe", Value: "eu"}, {Name: "Elsewhere", Value: "us", Icon: "/icon/sea.svg"}},
			},
			{
				Name: "cpus", Type: "number", Required: true, ValidationMin: &least, ValidationMax: &most, ValidationMonotonic: "increasing",
				ValidationError: "too many", FormType: provisioner.ParameterFormType_SLIDER, Order: 2,
			},
		},
		Presets: []*provisioner.Preset{{
			Name: "small", Description: "For reading", Icon: "/icon/book.svg", Default: true,
			Parameters: []*provisioner.PresetParameter{{Name: "cpus", Value: "1"}},
		}},
		ExternalAuthProviders: []*provisioner.ExternalAuthProviderResource{{Id: "github", Optional: true}},
		StartModules:          moduleList,
		Plan:                  []byte(`{"format_version": "1.2"}`),
	}
}

const importShown = `{
	"rich-parameters": [
		{"name": "region", "display_name": "Region", "description": "Where it runs", "type": "string", "form_type": "radio",
		 "mutable": true, "default_value": "eu", "icon": "/icon/globe.svg", "required": false, "ephemeral": false,
		 "options": [{"name": "Europe", "value": "eu"}, {"name": "Elsewhere", "value": "us", "icon": "/icon/sea.svg"}]},
		{"name": "cpus", "type": "number", "form_type": "slider", "mutable": false, "required": true, "options": [],
		 "validation_min": 1, "validation_max": 8, "validation_monotonic": "increasing", "validation_error": "too many"}],
	"presets": [{"Name": "small", "Description": "For reading", "Icon": "/icon/book.svg", "Default": true,
		"Parameters": [{"Name": "cpus", "Value": "1"}]}],
	"resources": [
		{"name": "dev", "type": "container", "workspace_transition": "start", "agents": [{"name": "main"}]},
		{"name": "home", "type": "docker_volume", "workspace_transition": "stop", "agents": []}]
}`

// devResource is what a started workspace has.
func devResource(token string) *provisioner.Resource {
	return &provisioner.Resource{
		Name: "dev", Type: "docker_container", Icon: "/icon/docker.svg", InstanceType: "large", DailyCost: 3,
		Metadata: []*provisioner.Resource_Metadata{
			{Key: "image", Value: "debian"}, {Key: "password", Value: "hidden", Sensitive: true}},
		Agents: []*provisioner.Agent{{
			Id: "terraform knows it by this", Name: "main", OperatingSystem: "linux", Architecture: "arm64", Directory: "/home/coder",
			Auth:                     &provisioner.Agent_Token{Token: token},
			Env:                      map[string]string{"EDITOR": "vi", "PATH": "/bin"},
			ExtraEnvs:                []*provisioner.Env{{Name: "PATH", Value: "/opt/bin", MergeStrategy: "prepend"}},
			ConnectionTimeoutSeconds: 120, TroubleshootingUrl: "https://help.example.com", MotdFile: "/etc/motd",
			DisplayApps: &provisioner.DisplayApps{Vscode: true, WebTerminal: true},
			Apps: []*provisioner.App{
				{
					Slug: "web", DisplayName: "Web", Url: "http://localhost:8080", Icon: "/icon/web.svg", Subdomain: true, Order: 1,
					SharingLevel: provisioner.AppSharingLevel_AUTHENTICATED, Group: "tools", Tooltip: "Opens the site",
					OpenIn:      provisioner.AppOpenIn_TAB,
					Healthcheck: &provisioner.Healthcheck{Url: "http://localhost:8080/health", Interval: 5, Threshold: 6},
				},
				{Slug: "shell", Command: "top", Hidden: true, Order: 2, OpenIn: provisioner.AppOpenIn_SLIM_WINDOW},
			},
			Scripts: []*provisioner.Script{{
				DisplayName: "Startup", Icon: "/icon/go.svg", Script: "echo up", LogPath: "/tmp/up.log", RunOnStart: true,
				StartBlocksLogin: true, TimeoutSeconds: 60, Cron: "0 5 * * *",
			}},
			Metadata: []*provisioner.Agent_Metadata{
				{Key: "load", DisplayName: "Load", Script: "uptime", Interval: 10, Timeout: 2, Order: 1},
				{Key: "disk", DisplayName: "Disk", Script: "df", Interval: 60, Timeout: 5, Order: 2},
			},
			ResourcesMonitoring: &provisioner.ResourcesMonitoring{
				Memory:  &provisioner.MemoryResourceMonitor{Enabled: true, Threshold: 80},
				Volumes: []*provisioner.VolumeResourceMonitor{{Path: "/home", Enabled: true, Threshold: 90}},
			},
		}},
	}
}

const devResourceShown = `{
	"name": "dev", "type": "docker_container", "icon": "/icon/docker.svg", "daily_cost": 3,
	"metadata": [{"key": "image", "value": "debian", "sensitive": false}, {"key": "password", "value": "", "sensitive": true}],
	"agents": [{
		"name": "main", "status": "connecting", "lifecycle_state": "created", "operating_system": "linux", "architecture": "arm64",
		"directory": "/home/coder", "environment_variables": {"EDITOR": "vi", "PATH": "/opt/bin:/bin"},
		"connection_timeout_seconds": 120, "troubleshooting_url": "https://help.example.com",
		"display_apps": ["vscode", "web_terminal"],
		"apps": [
			{"slug": "web", "display_name": "Web", "url": "http://localhost:8080", "icon": "/icon/web.svg", "subdomain": true,
			 "sharing_level": "authenticated", "group": "tools", "tooltip": "Opens the site", "open_in": "tab", "hidden": false,
			 "health": "initializing", "healthcheck": {"url": "http://localhost:8080/health", "interval": 5, "threshold": 6}},
			{"slug": "shell", "command": "top", "hidden": true, "open_in": "slim-window", "sharing_level": "owner",
			 "health": "disabled"}],
		"scripts": [{"display_name": "Startup", "script": "echo up", "log_path": "/tmp/up.log", "run_on_start": true,
			"run_on_stop": false, "start_blocks_login": true, "cron": "0 5 * * *", "timeout": 60000000000}]
	}]
}`

func buildResult(token string) *provisionerd.CompletedJob_WorkspaceBuild {
	began := time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)
	return &provisionerd.CompletedJob_WorkspaceBuild{
		State:     state,
		Resources: []*provisioner.Resource{devResource(token)},
		Modules:   moduleList,
		Timings: []*provisioner.Timing{{
			Start: timestamppb.New(began), End: timestamppb.New(began.Add(1500 * time.Millisecond)), Action: "create", Source: "docker",
			Resource: "docker_container.dev", Stage: "apply", State: provisioner.TimingState_COMPLETED,
		}},
	}
}

const timingsShown = `{"provisioner_timings": [{
	"started_at": "2024-02-29T12:00:00Z", "ended_at": "2024-02-29T12:00:01.5Z",
	"action": "create", "source": "docker", "resource": "docker_container.dev", "stage": "apply"}]}`
