// Package sdk points the unmodified Go SDK of Coder v2.30 at a berth server, and compares what the SDK understood of each
// answer with what the server sent.
package sdk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/coder/coder/v2/codersdk"
	"github.com/google/uuid"
)

const password = "SomeSecurePassword42"

// road is one client's way through the API; each test makes the things the later ones need.
type road struct {
	ctx      context.Context
	client   *codersdk.Client
	recorder *recorder

	organization uuid.UUID
	version      codersdk.TemplateVersion
	template     codersdk.Template
	workspace    codersdk.Workspace
	agent        codersdk.WorkspaceAgent
}

// ask calls the SDK, and fails the test on an error or when the SDK's value is not what the server sent.
func ask[T any](t *testing.T, r *road, what string, call func() (T, error)) T {
	t.Helper()
	var answer T
	t.Run(what, func(t *testing.T) {
		r.recorder.last = nil
		var err error
		if answer, err = call(); err != nil {
			t.Fatal(err)
		}
		if r.recorder.last == nil {
			t.Fatal("the answer had no JSON body")
		}
		checkShape(t, answer, r.recorder.last)
	})
	return answer
}

// do calls the SDK where the answer's body is empty, or not the SDK's value.
func do(t *testing.T, what string, call func() error) {
	t.Helper()
	t.Run(what, func(t *testing.T) {
		if err := call(); err != nil {
			t.Fatal(err)
		}
	})
}

// refused expects an error of the API with this status.
func refused(t *testing.T, what string, status int, call func() error) {
	t.Helper()
	t.Run(what, func(t *testing.T) {
		var answer *codersdk.Error
		if err := call(); !errors.As(err, &answer) {
			t.Fatalf("not an error of the API: %v", err)
		}
		if answer.StatusCode() != status || answer.Message == "" {
			t.Errorf("status %d, message %q; wanted %d", answer.StatusCode(), answer.Message, status)
		}
	})
}

func TestSDK(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 8*time.Minute)
	defer cancel()
	server := startServer(t)
	r := &road{ctx: ctx, client: codersdk.New(server.url), recorder: &recorder{}}
	r.client.HTTPClient = &http.Client{Transport: r.recorder}
	// Later parts cannot run without what the earlier ones made.
	for _, part := range []struct {
		name string
		run  func(*testing.T)
	}{
		{"FirstUser", r.firstUser},
		{"Deployment", r.deployment},
		{"Users", r.users},
		{"Tokens", r.tokens},
		{"Organizations", r.organizations},
		{"Import", r.importTemplate},
		{"Template", r.templates},
		{"DryRun", r.dryRun},
		{"Workspace", r.createWorkspace},
		{"Builds", r.builds},
		{"Agent", r.agents},
		{"WorkspaceSettings", r.workspaceSettings},
		{"Tasks", r.tasks},
		{"End", r.end},
	} {
		if !t.Run(part.name, part.run) && part.name != "Deployment" && part.name != "Users" {
			t.Logf("after a failure in %s the rest may fail as well", part.name)
		}
	}
}

func (r *road) firstUser(t *testing.T) {
	do(t, "HasFirstUser", func() error {
		if has, err := r.client.HasFirstUser(r.ctx); err != nil || has {
			return errors.Join(err, errors.New("a first user on a new deployment"))
		}
		return nil
	})
	ask(t, r, "CreateFirstUser", func() (codersdk.CreateFirstUserResponse, error) {
		return r.client.CreateFirstUser(r.ctx, codersdk.CreateFirstUserRequest{
			Email: "owner@example.com", Username: "owner", Name: "The Owner", Password: password,
		})
	})
	refused(t, "WrongPassword", http.StatusUnauthorized, func() error {
		_, err := r.client.LoginWithPassword(r.ctx, codersdk.LoginWithPasswordRequest{Email: "owner@example.com", Password: "no"})
		return err
	})
	login := ask(t, r, "LoginWithPassword", func() (codersdk.LoginWithPasswordResponse, error) {
		return r.client.LoginWithPassword(r.ctx, codersdk.LoginWithPasswordRequest{Email: "owner@example.com", Password: password})
	})
	r.client.SetSessionToken(login.SessionToken)
}

func (r *road) deployment(t *testing.T) {
	ask(t, r, "BuildInfo", func() (codersdk.BuildInfoResponse, error) { return r.client.BuildInfo(r.ctx) })
	ask(t, r, "DeploymentConfig", func() (*codersdk.DeploymentConfig, error) { return r.client.DeploymentConfig(r.ctx) })
	ask(t, r, "SSHConfiguration", func() (codersdk.SSHConfigResponse, error) { return r.client.SSHConfiguration(r.ctx) })
	ask(t, r, "Experiments", func() (codersdk.Experiments, error) { return r.client.Experiments(r.ctx) })
	ask(t, r, "SafeExperiments", func() (codersdk.AvailableExperiments, error) { return r.client.SafeExperiments(r.ctx) })
	entitlements := ask(t, r, "Entitlements", func() (codersdk.Entitlements, error) { return r.client.Entitlements(r.ctx) })
	for name, feature := range entitlements.Features {
		if feature.Entitlement != codersdk.EntitlementEntitled {
			t.Errorf("%s is %s", name, feature.Entitlement)
		}
	}
	ask(t, r, "Appearance", func() (codersdk.AppearanceConfig, error) { return r.client.Appearance(r.ctx) })
	ask(t, r, "AppHost", func() (codersdk.AppHostResponse, error) { return r.client.AppHost(r.ctx) })
	ask(t, r, "UpdateCheck", func() (codersdk.UpdateCheckResponse, error) { return r.client.UpdateCheck(r.ctx) })
	ask(t, r, "AuthMethods", func() (codersdk.AuthMethods, error) { return r.client.AuthMethods(r.ctx) })
	do(t, "Regions", func() error {
		regions, err := r.client.Regions(r.ctx)
		if err == nil && (len(regions) != 1 || !regions[0].Healthy) {
			return errors.New("there is no healthy region")
		}
		return err
	})
	do(t, "InitScript", func() error {
		script, err := r.client.InitScript(r.ctx, "linux", "amd64")
		if err == nil && len(script) == 0 {
			return errors.New("the script is empty")
		}
		return err
	})
	ask(t, r, "AuthCheck", func() (codersdk.AuthorizationResponse, error) {
		return r.client.AuthCheck(r.ctx, codersdk.AuthorizationRequest{Checks: map[string]codersdk.AuthorizationCheck{
			"read": {Object: codersdk.AuthorizationObject{ResourceType: codersdk.ResourceWorkspace, OwnerID: "me"}, Action: codersdk.ActionRead},
		}})
	})
	refused(t, "NotBuiltYet", http.StatusNotImplemented, func() error {
		_, err := r.client.DeploymentStats(r.ctx)
		return err
	})
}

func (r *road) users(t *testing.T) {
	me := ask(t, r, "User", func() (codersdk.User, error) { return r.client.User(r.ctx, codersdk.Me) })
	r.organization = me.OrganizationIDs[0]
	made := ask(t, r, "CreateUserWithOrgs", func() (codersdk.User, error) {
		return r.client.CreateUserWithOrgs(r.ctx, codersdk.CreateUserRequestWithOrgs{
			Email: "mary@example.com", Username: "mary", Name: "Mary", Password: password,
			UserLoginType: codersdk.LoginTypePassword, OrganizationIDs: []uuid.UUID{r.organization},
		})
	})
	refused(t, "CreateUserAgain", http.StatusConflict, func() error {
		_, err := r.client.CreateUserWithOrgs(r.ctx, codersdk.CreateUserRequestWithOrgs{
			Email: "mary@example.com", Username: "mary", Password: password,
			UserLoginType: codersdk.LoginTypePassword, OrganizationIDs: []uuid.UUID{r.organization},
		})
		return err
	})
	ask(t, r, "Users", func() (codersdk.GetUsersResponse, error) {
		return r.client.Users(r.ctx, codersdk.UsersRequest{SearchQuery: "mary"})
	})
	ask(t, r, "UserRoles", func() (codersdk.UserRoles, error) { return r.client.UserRoles(r.ctx, "mary") })
	ask(t, r, "UpdateUserRoles", func() (codersdk.User, error) {
		return r.client.UpdateUserRoles(r.ctx, "mary", codersdk.UpdateRoles{Roles: []string{"auditor"}})
	})
	ask(t, r, "UpdateUserProfile", func() (codersdk.User, error) {
		return r.client.UpdateUserProfile(r.ctx, "mary", codersdk.UpdateUserProfileRequest{Username: "mary", Name: "Mary M"})
	})
	ask(t, r, "UpdateUserStatus", func() (codersdk.User, error) {
		return r.client.UpdateUserStatus(r.ctx, "mary", codersdk.UserStatusSuspended)
	})
	ask(t, r, "UpdateUserAppearanceSettings", func() (codersdk.UserAppearanceSettings, error) {
		return r.client.UpdateUserAppearanceSettings(r.ctx, codersdk.Me,
			codersdk.UpdateUserAppearanceSettingsRequest{ThemePreference: "dark", TerminalFont: codersdk.TerminalFontFiraCode})
	})
	ask(t, r, "GetUserAppearanceSettings", func() (codersdk.UserAppearanceSettings, error) {
		return r.client.GetUserAppearanceSettings(r.ctx, codersdk.Me)
	})
	ask(t, r, "GitSSHKey", func() (codersdk.GitSSHKey, error) { return r.client.GitSSHKey(r.ctx, codersdk.Me) })
	ask(t, r, "RegenerateGitSSHKey", func() (codersdk.GitSSHKey, error) { return r.client.RegenerateGitSSHKey(r.ctx, codersdk.Me) })
	ask(t, r, "ValidateUserPassword", func() (codersdk.ValidateUserPasswordResponse, error) {
		return r.client.ValidateUserPassword(r.ctx, codersdk.ValidateUserPasswordRequest{Password: "short"})
	})
	do(t, "UpdateUserPassword", func() error {
		return r.client.UpdateUserPassword(r.ctx, "mary", codersdk.UpdateUserPasswordRequest{Password: password + "!"})
	})
	ask(t, r, "ListSiteRoles", func() ([]codersdk.AssignableRoles, error) { return r.client.ListSiteRoles(r.ctx) })
	do(t, "DeleteUser", func() error { return r.client.DeleteUser(r.ctx, made.ID) })
}

func (r *road) tokens(t *testing.T) {
	ask(t, r, "GetTokenConfig", func() (codersdk.TokenConfig, error) { return r.client.GetTokenConfig(r.ctx, codersdk.Me) })
	ask(t, r, "CreateToken", func() (codersdk.GenerateAPIKeyResponse, error) {
		return r.client.CreateToken(r.ctx, codersdk.Me, codersdk.CreateTokenRequest{TokenName: "ci", Lifetime: time.Hour})
	})
	ask(t, r, "CreateScopedToken", func() (codersdk.GenerateAPIKeyResponse, error) {
		return r.client.CreateToken(r.ctx, codersdk.Me, codersdk.CreateTokenRequest{
			TokenName: "reader", Lifetime: time.Hour, Scopes: []codersdk.APIKeyScope{codersdk.APIKeyScopeWorkspaceRead},
		})
	})
	ask(t, r, "CreateAPIKey", func() (codersdk.GenerateAPIKeyResponse, error) { return r.client.CreateAPIKey(r.ctx, codersdk.Me) })
	key := ask(t, r, "APIKeyByName", func() (*codersdk.APIKey, error) { return r.client.APIKeyByName(r.ctx, codersdk.Me, "ci") })
	ask(t, r, "APIKeyByID", func() (*codersdk.APIKey, error) { return r.client.APIKeyByID(r.ctx, codersdk.Me, key.ID) })
	ask(t, r, "Tokens", func() ([]codersdk.APIKeyWithOwner, error) {
		return r.client.Tokens(r.ctx, codersdk.Me, codersdk.TokensFilter{IncludeAll: true})
	})
	do(t, "DeleteAPIKey", func() error { return r.client.DeleteAPIKey(r.ctx, codersdk.Me, key.ID) })
	refused(t, "DeletedAPIKey", http.StatusNotFound, func() error {
		_, err := r.client.APIKeyByID(r.ctx, codersdk.Me, key.ID)
		return err
	})
}

func (r *road) organizations(t *testing.T) {
	ask(t, r, "Organization", func() (codersdk.Organization, error) { return r.client.Organization(r.ctx, r.organization) })
	ask(t, r, "OrganizationByName", func() (codersdk.Organization, error) { return r.client.OrganizationByName(r.ctx, "coder") })
	ask(t, r, "Organizations", func() ([]codersdk.Organization, error) { return r.client.Organizations(r.ctx) })
	ask(t, r, "OrganizationsByUser", func() ([]codersdk.Organization, error) { return r.client.OrganizationsByUser(r.ctx, codersdk.Me) })
	ask(t, r, "OrganizationByUserAndName", func() (codersdk.Organization, error) {
		return r.client.OrganizationByUserAndName(r.ctx, codersdk.Me, "coder")
	})
	ask(t, r, "OrganizationMembers", func() ([]codersdk.OrganizationMemberWithUserData, error) {
		return r.client.OrganizationMembers(r.ctx, r.organization)
	})
	ask(t, r, "ListOrganizationRoles", func() ([]codersdk.AssignableRoles, error) {
		return r.client.ListOrganizationRoles(r.ctx, r.organization)
	})
	ask(t, r, "OrganizationProvisionerDaemons", func() ([]codersdk.ProvisionerDaemon, error) {
		return r.client.OrganizationProvisionerDaemons(r.ctx, r.organization, nil)
	})
	r.provisionerKeys(t)
}

func (r *road) provisionerKeys(t *testing.T) {
	tags := codersdk.ProvisionerKeyTags{"where": "outside"}
	created := ask(t, r, "CreateProvisionerKey", func() (codersdk.CreateProvisionerKeyResponse, error) {
		return r.client.CreateProvisionerKey(r.ctx, r.organization, codersdk.CreateProvisionerKeyRequest{Name: "outside", Tags: tags})
	})
	// As a daemon does, which has nothing but the key.
	stranger := codersdk.New(r.client.URL)
	stranger.HTTPClient = r.client.HTTPClient
	key := ask(t, r, "GetProvisionerKey", func() (codersdk.ProvisionerKey, error) {
		return stranger.GetProvisionerKey(r.ctx, created.Key)
	})
	if key.Name != "outside" || key.OrganizationID != r.organization || !maps.Equal(key.Tags, tags) {
		t.Errorf("the key is %v", key)
	}
	refused(t, "GetProvisionerKey: an unknown one", http.StatusUnauthorized, func() error {
		_, err := stranger.GetProvisionerKey(r.ctx, "unknown")
		return err
	})
	ask(t, r, "ListProvisionerKeys", func() ([]codersdk.ProvisionerKey, error) {
		return r.client.ListProvisionerKeys(r.ctx, r.organization)
	})
	lists := ask(t, r, "ListProvisionerKeyDaemons", func() ([]codersdk.ProvisionerKeyDaemons, error) {
		return r.client.ListProvisionerKeyDaemons(r.ctx, r.organization)
	})
	daemons := map[string]int{}
	for _, list := range lists {
		daemons[list.Key.Name] = len(list.Daemons)
	}
	wanted := map[string]int{"built-in": daemons["built-in"], "user-auth": 0, "psk": 0, "outside": 0}
	if !maps.Equal(daemons, wanted) || wanted["built-in"] == 0 {
		t.Errorf("the keys have these daemons: %v", daemons)
	}
	do(t, "DeleteProvisionerKey", func() error { return r.client.DeleteProvisionerKey(r.ctx, r.organization, "outside") })
}

func (r *road) importTemplate(t *testing.T) {
	archive := templateArchive(t)
	upload := ask(t, r, "Upload", func() (codersdk.UploadResponse, error) {
		return r.client.Upload(r.ctx, codersdk.ContentTypeTar, bytes.NewReader(archive))
	})
	do(t, "Download", func() error {
		content, kind, err := r.client.Download(r.ctx, upload.ID)
		if err == nil && (!bytes.Equal(content, archive) || kind != codersdk.ContentTypeTar) {
			return errors.New("not what was uploaded")
		}
		return err
	})
	r.version = ask(t, r, "CreateTemplateVersion", func() (codersdk.TemplateVersion, error) {
		return r.client.CreateTemplateVersion(r.ctx, r.organization, codersdk.CreateTemplateVersionRequest{
			Name: "first", Message: "the first", StorageMethod: codersdk.ProvisionerStorageMethodFile, FileID: upload.ID,
			Provisioner:        codersdk.ProvisionerTypeTerraform,
			UserVariableValues: []codersdk.VariableValue{{Name: "homes", Value: t.TempDir()}},
		})
	})
	do(t, "TemplateVersionLogsAfter", func() error {
		logs, closer, err := r.client.TemplateVersionLogsAfter(r.ctx, r.version.ID, 0)
		return readLogs(logs, closer, err)
	})
	waitFor(t, "the import", time.Minute, func() bool {
		version, err := r.client.TemplateVersion(r.ctx, r.version.ID)
		return err == nil && !version.Job.Status.Active()
	})
	r.version = ask(t, r, "TemplateVersion", func() (codersdk.TemplateVersion, error) {
		return r.client.TemplateVersion(r.ctx, r.version.ID)
	})
	if r.version.Job.Status != codersdk.ProvisionerJobSucceeded {
		t.Fatalf("the import %s: %s", r.version.Job.Status, r.version.Job.Error)
	}
	ask(t, r, "TemplateVersionRichParameters", func() ([]codersdk.TemplateVersionParameter, error) {
		return r.client.TemplateVersionRichParameters(r.ctx, r.version.ID)
	})
	do(t, "TemplateVersionDynamicParameters", func() error { return r.fillForm(r.version.ID) })
	ask(t, r, "TemplateVersionResources", func() ([]codersdk.WorkspaceResource, error) {
		return r.client.TemplateVersionResources(r.ctx, r.version.ID)
	})
	ask(t, r, "TemplateVersionVariables", func() ([]codersdk.TemplateVersionVariable, error) {
		return r.client.TemplateVersionVariables(r.ctx, r.version.ID)
	})
	ask(t, r, "TemplateVersionExternalAuth", func() ([]codersdk.TemplateVersionExternalAuth, error) {
		return r.client.TemplateVersionExternalAuth(r.ctx, r.version.ID)
	})
	ask(t, r, "TemplateVersionPresets", func() ([]codersdk.Preset, error) {
		return r.client.TemplateVersionPresets(r.ctx, r.version.ID)
	})
	ask(t, r, "UpdateTemplateVersion", func() (codersdk.TemplateVersion, error) {
		return r.client.UpdateTemplateVersion(r.ctx, r.version.ID, codersdk.PatchTemplateVersionRequest{Name: "one"})
	})
	refused(t, "CancelTemplateVersion", http.StatusPreconditionFailed, func() error {
		return r.client.CancelTemplateVersion(r.ctx, r.version.ID)
	})
}

func (r *road) templates(t *testing.T) {
	r.template = ask(t, r, "CreateTemplate", func() (codersdk.Template, error) {
		return r.client.CreateTemplate(r.ctx, r.organization, codersdk.CreateTemplateRequest{Name: "local", VersionID: r.version.ID})
	})
	ask(t, r, "Template", func() (codersdk.Template, error) { return r.client.Template(r.ctx, r.template.ID) })
	ask(t, r, "TemplateByName", func() (codersdk.Template, error) {
		return r.client.TemplateByName(r.ctx, r.organization, "local")
	})
	ask(t, r, "Templates", func() ([]codersdk.Template, error) {
		return r.client.Templates(r.ctx, codersdk.TemplateFilter{ExactName: "local"})
	})
	ask(t, r, "TemplatesByOrganization", func() ([]codersdk.Template, error) {
		return r.client.TemplatesByOrganization(r.ctx, r.organization)
	})
	description := "Runs where terraform runs"
	r.template = ask(t, r, "UpdateTemplateMeta", func() (codersdk.Template, error) {
		return r.client.UpdateTemplateMeta(r.ctx, r.template.ID, codersdk.UpdateTemplateMeta{
			Description: &description, DefaultTTLMillis: time.Hour.Milliseconds(), AllowUserCancelWorkspaceJobs: true,
			AllowUserAutostart: true, AllowUserAutostop: true,
		})
	})
	ask(t, r, "TemplateVersionsByTemplate", func() ([]codersdk.TemplateVersion, error) {
		return r.client.TemplateVersionsByTemplate(r.ctx, codersdk.TemplateVersionsByTemplateRequest{TemplateID: r.template.ID})
	})
	do(t, "TemplateVersionByName", func() error {
		_, err := r.client.TemplateVersionByName(r.ctx, r.template.ID, "one")
		return err
	})
	ask(t, r, "TemplateVersionByOrganizationAndName", func() (codersdk.TemplateVersion, error) {
		return r.client.TemplateVersionByOrganizationAndName(r.ctx, r.organization, "local", "one")
	})
	do(t, "UpdateActiveTemplateVersion", func() error {
		return r.client.UpdateActiveTemplateVersion(r.ctx, r.template.ID, codersdk.UpdateActiveTemplateVersion{ID: r.version.ID})
	})
	ask(t, r, "StarterTemplates", func() ([]codersdk.TemplateExample, error) { return r.client.StarterTemplates(r.ctx) })
}

func (r *road) dryRun(t *testing.T) {
	job := ask(t, r, "CreateTemplateVersionDryRun", func() (codersdk.ProvisionerJob, error) {
		return r.client.CreateTemplateVersionDryRun(r.ctx, r.version.ID, codersdk.CreateTemplateVersionDryRunRequest{WorkspaceName: "try"})
	})
	do(t, "TemplateVersionDryRunLogsAfter", func() error {
		logs, closer, err := r.client.TemplateVersionDryRunLogsAfter(r.ctx, r.version.ID, job.ID, 0)
		return readLogs(logs, closer, err)
	})
	waitFor(t, "the dry run", time.Minute, func() bool {
		again, err := r.client.TemplateVersionDryRun(r.ctx, r.version.ID, job.ID)
		return err == nil && !again.Status.Active()
	})
	job = ask(t, r, "TemplateVersionDryRun", func() (codersdk.ProvisionerJob, error) {
		return r.client.TemplateVersionDryRun(r.ctx, r.version.ID, job.ID)
	})
	if job.Status != codersdk.ProvisionerJobSucceeded {
		t.Errorf("the dry run %s: %s", job.Status, job.Error)
	}
	ask(t, r, "TemplateVersionDryRunResources", func() ([]codersdk.WorkspaceResource, error) {
		return r.client.TemplateVersionDryRunResources(r.ctx, r.version.ID, job.ID)
	})
}

// fillForm answers one question of the version's form.
func (r *road) fillForm(version uuid.UUID) error {
	stream, err := r.client.TemplateVersionDynamicParameters(r.ctx, codersdk.Me, version)
	if err != nil {
		return err
	}
	defer stream.Close(1000)
	responses := stream.Chan()
	if first := <-responses; first.ID != -1 || len(first.Parameters) == 0 {
		return fmt.Errorf("the first response is %+v", first)
	}
	if err := stream.Send(codersdk.DynamicParametersRequest{ID: 1, Inputs: map[string]string{"interval": "30"}}); err != nil {
		return err
	}
	answer := <-responses
	for _, parameter := range answer.Parameters {
		if parameter.Name == "interval" && answer.ID == 1 && parameter.Value.Valid && parameter.Value.Value == "30" {
			return nil
		}
	}
	return fmt.Errorf("the response is %+v", answer)
}

func (r *road) createWorkspace(t *testing.T) {
	refused(t, "BadParameter", http.StatusBadRequest, func() error {
		_, err := r.client.CreateUserWorkspace(r.ctx, codersdk.Me, codersdk.CreateWorkspaceRequest{
			TemplateID: r.template.ID, Name: "dev",
			RichParameterValues: []codersdk.WorkspaceBuildParameter{{Name: "interval", Value: "1000"}},
		})
		return err
	})
	r.workspace = ask(t, r, "CreateUserWorkspace", func() (codersdk.Workspace, error) {
		return r.client.CreateUserWorkspace(r.ctx, codersdk.Me, codersdk.CreateWorkspaceRequest{
			TemplateID: r.template.ID, Name: "dev",
			RichParameterValues: []codersdk.WorkspaceBuildParameter{{Name: "interval", Value: "20"}},
		})
	})
	refused(t, "CreateUserWorkspaceAgain", http.StatusConflict, func() error {
		_, err := r.client.CreateUserWorkspace(r.ctx, codersdk.Me, codersdk.CreateWorkspaceRequest{TemplateID: r.template.ID, Name: "dev"})
		return err
	})
	r.waitBuild(t, r.workspace.LatestBuild.ID)
	chosen := ask(t, r, "UserAutofillParameters", func() ([]codersdk.UserParameter, error) {
		return r.client.UserAutofillParameters(r.ctx, codersdk.Me, r.template.ID)
	})
	if !slices.Contains(chosen, codersdk.UserParameter{Name: "interval", Value: "20"}) {
		t.Errorf("the last choices are %v", chosen)
	}
	r.workspace = ask(t, r, "Workspace", func() (codersdk.Workspace, error) { return r.client.Workspace(r.ctx, r.workspace.ID) })
	ask(t, r, "WorkspaceByOwnerAndName", func() (codersdk.Workspace, error) {
		return r.client.WorkspaceByOwnerAndName(r.ctx, codersdk.Me, "dev", codersdk.WorkspaceOptions{})
	})
	for _, query := range []string{"", "owner:me", "name:dev status:running", "template:local"} {
		list := ask(t, r, "Workspaces "+query, func() (codersdk.WorkspacesResponse, error) {
			return r.client.Workspaces(r.ctx, codersdk.WorkspaceFilter{FilterQuery: query})
		})
		if list.Count != 1 {
			t.Errorf("%q finds %d workspaces", query, list.Count)
		}
	}
}

func (r *road) waitBuild(t *testing.T, id uuid.UUID) {
	t.Helper()
	do(t, "WorkspaceBuildLogsAfter", func() error {
		logs, closer, err := r.client.WorkspaceBuildLogsAfter(r.ctx, id, 0)
		return readLogs(logs, closer, err)
	})
	waitFor(t, "the build", time.Minute, func() bool {
		build, err := r.client.WorkspaceBuild(r.ctx, id)
		return err == nil && !build.Job.Status.Active()
	})
	build := ask(t, r, "WorkspaceBuild", func() (codersdk.WorkspaceBuild, error) { return r.client.WorkspaceBuild(r.ctx, id) })
	if build.Job.Status != codersdk.ProvisionerJobSucceeded {
		t.Errorf("the build %s: %s", build.Job.Status, build.Job.Error)
	}
}

func (r *road) builds(t *testing.T) {
	id := r.workspace.LatestBuild.ID
	ask(t, r, "WorkspaceBuilds", func() ([]codersdk.WorkspaceBuild, error) {
		return r.client.WorkspaceBuilds(r.ctx, codersdk.WorkspaceBuildsRequest{WorkspaceID: r.workspace.ID})
	})
	ask(t, r, "WorkspaceBuildByNumber", func() (codersdk.WorkspaceBuild, error) {
		return r.client.WorkspaceBuildByUsernameAndWorkspaceNameAndBuildNumber(r.ctx, codersdk.Me, "dev", "1")
	})
	ask(t, r, "WorkspaceBuildParameters", func() ([]codersdk.WorkspaceBuildParameter, error) {
		return r.client.WorkspaceBuildParameters(r.ctx, id)
	})
	ask(t, r, "WorkspaceBuildTimings", func() (codersdk.WorkspaceBuildTimings, error) {
		return r.client.WorkspaceBuildTimings(r.ctx, id)
	})
	do(t, "WorkspaceBuildState", func() error {
		state, err := r.client.WorkspaceBuildState(r.ctx, id)
		if err == nil && !bytes.Contains(state, []byte(`"resources"`)) {
			return errors.New("that is no state")
		}
		return err
	})
	refused(t, "CancelWorkspaceBuild", http.StatusBadRequest, func() error {
		return r.client.CancelWorkspaceBuild(r.ctx, id, codersdk.CancelWorkspaceBuildParams{})
	})
	refused(t, "UnknownBuild", http.StatusNotFound, func() error {
		_, err := r.client.WorkspaceBuild(r.ctx, uuid.New())
		return err
	})
}

func (r *road) agents(t *testing.T) {
	for _, resource := range r.workspace.LatestBuild.Resources {
		for _, agent := range resource.Agents {
			r.agent = agent
		}
	}
	waitFor(t, "the agent", time.Minute, func() bool {
		agent, err := r.client.WorkspaceAgent(r.ctx, r.agent.ID)
		return err == nil && agent.LifecycleState == codersdk.WorkspaceAgentLifecycleReady
	})
	ask(t, r, "WorkspaceAgent", func() (codersdk.WorkspaceAgent, error) { return r.client.WorkspaceAgent(r.ctx, r.agent.ID) })
	do(t, "WorkspaceAgentLogsAfter", func() error {
		batches, closer, err := r.client.WorkspaceAgentLogsAfter(r.ctx, r.agent.ID, 0, true)
		if err != nil {
			return err
		}
		defer closer.Close()
		select {
		case batch := <-batches:
			if len(batch) == 0 || batch[0].Output == "" {
				return errors.New("an empty batch")
			}
			return nil
		case <-time.After(20 * time.Second):
			return errors.New("no log came")
		}
	})
	do(t, "WatchWorkspaceAgentMetadata", func() error {
		updates, failures := r.client.WatchWorkspaceAgentMetadata(r.ctx, r.agent.ID)
		deadline := time.After(40 * time.Second)
		for {
			select {
			case update := <-updates:
				if len(update) > 0 && update[0].Result.Value != "" {
					return nil
				}
			case err := <-failures:
				return err
			case <-deadline:
				return errors.New("no metadata came")
			}
		}
	})
}

func (r *road) workspaceSettings(t *testing.T) {
	schedule := "CRON_TZ=UTC 30 9 * * 1-5"
	do(t, "UpdateWorkspaceAutostart", func() error {
		return r.client.UpdateWorkspaceAutostart(r.ctx, r.workspace.ID, codersdk.UpdateWorkspaceAutostartRequest{Schedule: &schedule})
	})
	ttl := (2 * time.Hour).Milliseconds()
	do(t, "UpdateWorkspaceTTL", func() error {
		return r.client.UpdateWorkspaceTTL(r.ctx, r.workspace.ID, codersdk.UpdateWorkspaceTTLRequest{TTLMillis: &ttl})
	})
	changed := ask(t, r, "Workspace", func() (codersdk.Workspace, error) { return r.client.Workspace(r.ctx, r.workspace.ID) })
	if changed.AutostartSchedule == nil || *changed.AutostartSchedule != schedule || changed.TTLMillis == nil || *changed.TTLMillis != ttl {
		t.Errorf("autostart %v, ttl %v", changed.AutostartSchedule, changed.TTLMillis)
	}
	do(t, "WatchWorkspace", func() error {
		watch, cancel := context.WithCancel(r.ctx)
		defer cancel()
		updates, err := r.client.WatchWorkspace(watch, r.workspace.ID)
		if err != nil {
			return err
		}
		select {
		case update := <-updates:
			if update.ID != r.workspace.ID {
				return errors.New("not this workspace")
			}
			return nil
		case <-time.After(20 * time.Second):
			return errors.New("no update came")
		}
	})
	do(t, "UpdateWorkspace", func() error {
		return r.client.UpdateWorkspace(r.ctx, r.workspace.ID, codersdk.UpdateWorkspaceRequest{Name: "dev2"})
	})
}

func (r *road) end(t *testing.T) {
	for _, transition := range []codersdk.WorkspaceTransition{codersdk.WorkspaceTransitionStop, codersdk.WorkspaceTransitionDelete} {
		build := ask(t, r, "CreateWorkspaceBuild "+string(transition), func() (codersdk.WorkspaceBuild, error) {
			return r.client.CreateWorkspaceBuild(r.ctx, r.workspace.ID, codersdk.CreateWorkspaceBuildRequest{Transition: transition})
		})
		r.waitBuild(t, build.ID)
	}
	refused(t, "Workspace", http.StatusGone, func() error {
		_, err := r.client.Workspace(r.ctx, r.workspace.ID)
		return err
	})
	ask(t, r, "DeletedWorkspace", func() (codersdk.Workspace, error) { return r.client.DeletedWorkspace(r.ctx, r.workspace.ID) })
	do(t, "DeleteTemplate", func() error { return r.client.DeleteTemplate(r.ctx, r.template.ID) })
	do(t, "Logout", func() error { return r.client.Logout(r.ctx) })
	refused(t, "AfterLogout", http.StatusUnauthorized, func() error {
		_, err := r.client.User(r.ctx, codersdk.Me)
		return err
	})
}

// readLogs reads a followed log to its end, which comes when the job ends.
func readLogs(logs <-chan codersdk.ProvisionerJobLog, closer io.Closer, err error) error {
	if err != nil {
		return err
	}
	defer closer.Close()
	lines := 0
	for deadline := time.After(time.Minute); ; {
		select {
		case log, open := <-logs:
			if !open {
				if lines == 0 {
					return errors.New("the log is empty")
				}
				return nil
			}
			if log.Output != "" {
				lines++
			}
		case <-deadline:
			return errors.New("the log does not end")
		}
	}
}
