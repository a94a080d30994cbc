package sdk

import (
	"bytes"
	"net/http"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/uuid"

	"github.com/coder/coder/v2/codersdk"
)

const taskTemplate = `
terraform {
  required_providers {
    coder = { source = "coder/coder" }
  }
}
data "coder_workspace" "me" {}
resource "coder_agent" "main" {
  os   = "linux"
  arch = "amd64"
}
resource "coder_app" "chat" {
  agent_id = coder_agent.main.id
  slug     = "chat"
  url      = "http://localhost:3284"
}
resource "coder_ai_task" "task" {
  count  = data.coder_workspace.me.start_count
  app_id = coder_app.chat.id
}
resource "terraform_data" "machine" {
  input = coder_agent.main.id
}
`

func (r *road) importTaskTemplate(t *testing.T) codersdk.TemplateVersion {
	archive := archiveOf(t, fstest.MapFS{"main.tf": {Data: []byte(taskTemplate), Mode: 0o644}})
	upload, err := r.client.Upload(r.ctx, codersdk.ContentTypeTar, bytes.NewReader(archive))
	if err != nil {
		t.Fatal(err)
	}
	version, err := r.client.CreateTemplateVersion(r.ctx, r.organization, codersdk.CreateTemplateVersionRequest{
		StorageMethod: codersdk.ProvisionerStorageMethodFile, FileID: upload.ID, Provisioner: codersdk.ProvisionerTypeTerraform,
	})
	if err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the import", time.Minute, func() bool {
		version, err = r.client.TemplateVersion(r.ctx, version.ID)
		return err == nil && !version.Job.Status.Active()
	})
	if version.Job.Status != codersdk.ProvisionerJobSucceeded {
		t.Fatalf("the import %s: %s", version.Job.Status, version.Job.Error)
	}
	if _, err := r.client.CreateTemplate(r.ctx, r.organization, codersdk.CreateTemplateRequest{Name: "task", VersionID: version.ID}); err != nil {
		t.Fatal(err)
	}
	return version
}

func (r *road) tasks(t *testing.T) {
	version := r.importTaskTemplate(t)
	task := ask(t, r, "CreateTask", func() (codersdk.Task, error) {
		return r.client.CreateTask(r.ctx, codersdk.Me, codersdk.CreateTaskRequest{TemplateVersionID: version.ID, Input: "Fix it", Name: "fix"})
	})
	if task.InitialPrompt != "Fix it" || !task.WorkspaceID.Valid || task.Status != codersdk.TaskStatusInitializing {
		t.Errorf("the task is %+v", task)
	}
	workspace, err := r.client.Workspace(r.ctx, task.WorkspaceID.UUID)
	if err != nil {
		t.Fatal(err)
	}
	r.waitBuild(t, workspace.LatestBuild.ID)
	workspace = ask(t, r, "Workspace", func() (codersdk.Workspace, error) { return r.client.Workspace(r.ctx, task.WorkspaceID.UUID) })
	if workspace.TaskID.UUID != task.ID {
		t.Errorf("the workspace's task is %v", workspace.TaskID)
	}
	for what, get := range map[string]func() (codersdk.Task, error){
		"TaskByID":             func() (codersdk.Task, error) { return r.client.TaskByID(r.ctx, task.ID) },
		"TaskByOwnerAndName":   func() (codersdk.Task, error) { return r.client.TaskByOwnerAndName(r.ctx, "owner", "fix") },
		"TaskByIdentifier":     func() (codersdk.Task, error) { return r.client.TaskByIdentifier(r.ctx, "owner/fix") },
		"TaskByIdentifierName": func() (codersdk.Task, error) { return r.client.TaskByIdentifier(r.ctx, "fix") },
	} {
		if found := ask(t, r, what, get); found.ID != task.ID || !found.WorkspaceAppID.Valid || found.WorkspaceAgentHealth == nil {
			t.Errorf("%s found %+v", what, found)
		}
	}
	listed := func(what string, filter codersdk.TasksFilter, wanted int) {
		tasks, err := r.client.Tasks(r.ctx, &filter)
		if err != nil || len(tasks) != wanted {
			t.Errorf("%s: %d tasks, %v", what, len(tasks), err)
		}
	}
	listed("Tasks", codersdk.TasksFilter{Owner: codersdk.Me, Organization: r.organization.String(), Status: codersdk.TaskStatusInitializing}, 1)
	listed("Tasks paused", codersdk.TasksFilter{Status: codersdk.TaskStatusPaused}, 0)
	refused(t, "UpdateTaskInput", http.StatusConflict, func() error {
		return r.client.UpdateTaskInput(r.ctx, codersdk.Me, task.ID, codersdk.UpdateTaskInputRequest{Input: "Fix more"})
	})
	refused(t, "CreateTaskWithoutInput", http.StatusBadRequest, func() error {
		_, err := r.client.CreateTask(r.ctx, codersdk.Me, codersdk.CreateTaskRequest{TemplateVersionID: version.ID})
		return err
	})
	refused(t, "UnknownTask", http.StatusNotFound, func() error {
		_, err := r.client.TaskByID(r.ctx, uuid.New())
		return err
	})
	do(t, "DeleteTask", func() error { return r.client.DeleteTask(r.ctx, codersdk.Me, task.ID) })
	refused(t, "DeletedTask", http.StatusNotFound, func() error {
		_, err := r.client.TaskByID(r.ctx, task.ID)
		return err
	})
}
