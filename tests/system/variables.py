"""Terraform variables of templates: who gives their values, and who wins."""

from harness import NEEDS_CODER, Group, check, contains, equal

# What a workspace was built with is in its state.
ECHO = """
variable "region" { type = string }
variable "token" {
  type      = string
  sensitive = true
}
variable "zones" {
  type    = list(string)
  default = ["z"]
}
variable "plain" { default = "default" }
resource "terraform_data" "echo" {
  input = "${var.region} ${join("+", var.zones)} ${var.plain} ${length(var.token)}"
}
"""
# A form whose answer is what its variable is.
FORM = NEEDS_CODER + """
variable "region" { default = "us" }
variable "size" { default = 1 }
data "coder_parameter" "place" {
  name    = "place"
  default = "${var.region}-${var.size}"
}
"""
TOKEN = "a-very-secret-value"


class Variables(Group):
    def set_up(self):
        super().set_up()
        self.deployment.cli("login", "--use-token-as-session", self.deployment.url, CODER_SESSION_TOKEN=self.api.token)
        self.source = self.folder / "echo"
        self.write("main.tf", ECHO)

    def write(self, name, text):
        self.source.mkdir(exist_ok=True)
        (self.source / name).write_text(text)

    def push(self, *flags, name="echo", **options):
        return self.deployment.cli("templates", "push", name, "-d", str(self.source), "--yes", *flags, **options)

    def template(self, name="echo"):
        return self.api.get(f"/api/v2/organizations/default/templates/{name}")

    def variables(self, version_id):
        return {each["name"]: each for each in self.api.get(f"/api/v2/templateversions/{version_id}/variables")}

    def built_with(self, version_id):
        """What terraform took the variables to be, in a build with this version."""
        name = f"w{version_id[:8]}"
        workspace = self.api.post("/api/v2/users/me/workspaces", {"name": name, "template_version_id": version_id})
        build = self.api.wait_build(workspace["latest_build"]["id"])
        equal(build["job"]["status"], "succeeded", f"the build ({build['job'].get('error')})")
        return self.api.state(build["id"])["resources"][0]["instances"][0]["attributes"]["input"]["value"]

    def pushed(self, *flags, **options):
        self.push(*flags, **options)
        return self.template()["active_version_id"]

    def case_a_required_variable_without_a_value_is_named(self):
        done = self.push(code=2)
        for word in ("region", "token", "--variables-file"):
            contains(done.stderr, word, "stderr")
        check("zones" not in done.stderr, done.stderr)
        equal(self.api.get("/api/v2/organizations/default/templates"), [], "templates")

    def case_what_cannot_be_read_is_refused(self):
        file = self.folder / "bad.yaml"
        file.write_text(f"region: eu\ntoken: [{TOKEN}\n")
        for flags, words in ((("--variables-file", str(file)), [str(file), "YAML"]),
                             (("--variables-file", str(self.folder / "none.yaml")), ["none.yaml"]),
                             (("--variable", "region"), ["--variable", "region"])):
            done = self.push(*flags, code=2)
            for word in words:
                contains(done.stderr, word, "stderr")
            check(TOKEN not in done.stderr, done.stderr)

    def case_flags_win_over_the_file_and_that_over_tfvars(self):
        self.write("terraform.tfvars", f'region = "tfvars"\ntoken = "{TOKEN}"\nplain = "tfvars"\nzones = ["t"]\n')
        version = self.pushed()
        shown = self.variables(version)
        equal({name: each["required"] for name, each in shown.items()}, dict.fromkeys(("region", "token", "zones", "plain"), False), "required")
        equal((shown["region"]["value"], shown["zones"]["value"], shown["token"]["value"]), ("tfvars", '["t"]', ""), "values")
        equal(self.built_with(version), f"tfvars t tfvars {len(TOKEN)}", "what tfvars says")
        file = self.folder / "values.yaml"
        file.write_text(f"region: yaml\nzones: [a, b]\nplain: yaml\ntoken: {TOKEN}\n")
        version = self.pushed("--variables-file", str(file), "--variable", "region=flag")
        equal(self.built_with(version), f"flag a+b yaml {len(TOKEN)}", "what was given")

    def case_a_value_given_through_rest_wins_too(self):
        files = {name: (self.source / name).read_text() for name in ("main.tf", "terraform.tfvars")}
        version = self.api.import_version(files, template_id=self.template()["id"], variables={"region": "rest", "token": "x"})
        equal(version["job"]["status"], "succeeded", "the import")
        equal(self.built_with(version["id"]), "rest t tfvars 1", "what was given")

    def case_a_given_value_is_kept_and_a_tfvars_file_wins_over_a_kept_one(self):
        self.write("terraform.tfvars", 'region = "newer"\n')
        # Given for the active version: zones, plain and the token.
        equal(self.built_with(self.pushed()), f"newer a+b yaml {len(TOKEN)}", "kept values")
        (self.source / "terraform.tfvars").unlink()
        self.write("main.tf", ECHO.replace('plain" { default = "default" }', 'plain" { default = "other" }'))
        # What only the file said goes with it.
        refused = self.push("--variable", "zones=[]", code=1)
        for word in ("need values: region", "--variables-file"):
            contains(refused.stderr, word, "stderr")
        version = self.pushed("--variable", "zones=[]", "--variable", "region=given")
        equal(self.built_with(version), f"given  yaml {len(TOKEN)}", "kept values")

    def case_a_given_value_that_is_the_default_wins_over_tfvars(self):
        self.write("terraform.tfvars", 'plain = "tfvars"\n')
        equal(self.built_with(self.pushed("--variable", "plain=other")), f"given  other {len(TOKEN)}", "what was given")
        equal(self.built_with(self.pushed()), f"given  tfvars {len(TOKEN)}", "tfvars over a kept value")
        (self.source / "terraform.tfvars").unlink()
        equal(self.built_with(self.pushed("--variable", "plain=other")), f"given  other {len(TOKEN)}", "what was given")
        self.write("main.tf", ECHO.replace('plain" { default = "default" }', 'plain" { default = "third" }'))
        equal(self.built_with(self.pushed()), f"given  other {len(TOKEN)}", "a kept value that was the default")

    def case_terraform_evaluates_what_a_tfvars_file_says(self):
        self.write("terraform.tfvars", 'region = upper("a-secret")\n')
        done = self.push(code=1)
        contains(done.stderr, "Function calls not allowed", "stderr")
        contains(done.stderr, "terraform.tfvars", "stderr")
        check("a-secret" not in done.stdout + done.stderr, done.stderr)
        self.write("terraform.tfvars", 'region = "r${1 + 1}"\nzones = [for z in ["t"] : "${z}u"]\nplain = 2 * 3\n')
        version = self.pushed()
        equal(self.built_with(version), f"r2 tu 6 {len(TOKEN)}", "what tfvars says")
        shown = self.variables(version)
        equal({name: (each["value"], each["required"]) for name, each in shown.items() if name != "token"},
              dict.fromkeys(("region", "zones", "plain"), ("", False)), "values that only terraform knows")
        equal(sorted(shown["region"]), ["default_value", "description", "name", "required", "sensitive", "type", "value"], "fields")
        equal(self.built_with(self.pushed("--variable", "plain=seven")), f"r2 tu seven {len(TOKEN)}", "a given value over an expression")
        (self.source / "terraform.tfvars").unlink()

    def case_a_new_default_takes_the_place_of_an_old_one(self):
        for default in ("first", "second"):
            self.write("main.tf", ECHO.replace('"default"', f'"{default}"'))
            self.push("--variable", "region=eu", "--variable", "token=x", name="defaults")
            equal(self.variables(self.template("defaults")["active_version_id"])["plain"]["value"], default, "the value")

    def case_forms_know_who_gave_a_value(self):
        files = {"main.tf": FORM, "terraform.tfvars": 'region = "e${"u"}"\nsize = 1 + 1\n'}
        for given, place in ({}, "eu-2"), ({"region": "us"}, "us-2"), ({"size": "1"}, "eu-1"), ({"region": "ap", "size": "3"}, "ap-3"):
            version = self.api.import_version(files, variables=given)
            equal(version["job"]["status"], "succeeded", "the import")
            form = self.api.post(f"/api/v2/templateversions/{version['id']}/dynamic-parameters/evaluate", {"id": 1, "inputs": {}})
            equal(form["parameters"][0]["value"]["value"], place, f"the form with {given}")

    def case_the_terminal_is_asked_for_what_is_missing(self):
        terminal = self.deployment.terminal("templates", "create", "asked", "-d", str(self.source))
        terminal.expect("(yes/no)")
        terminal.send("yes\n")
        terminal.expect("variable region")
        terminal.expect("Value: ")
        check(terminal.echoes(), "an ordinary value is not echoed")
        terminal.send("asked\n")
        terminal.expect("variable token")
        terminal.expect("Value: ")
        check(not terminal.echoes(), "a sensitive value is echoed")
        terminal.send(TOKEN + "\n")
        equal(terminal.end(120), 0, f"exit code:\n{terminal.text}\n")
        check(TOKEN not in terminal.text, terminal.text)
        version = self.template("asked")["active_version_id"]
        equal(self.built_with(version), f"asked z second {len(TOKEN)}", "what was given")
        check(TOKEN not in self.api.version_logs(version), "the value is in the import's log")

    def case_always_prompt_keeps_nothing(self):
        done = self.push("--always-prompt", code=2)
        contains(done.stderr, "region, token", "stderr")

    def case_create_refuses_a_template_that_is_there(self):
        done = self.deployment.cli("templates", "create", "echo", "-d", str(self.source), "--yes", code=5)
        contains(done.stderr, "templates push", "stderr")

    def case_no_secret_is_in_the_servers_log(self):
        check(TOKEN not in self.deployment.log(10_000_000), "the value is in the log")
