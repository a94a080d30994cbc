"""How terraform is found or downloaded, against a file server of the test's own."""

import functools
import hashlib
import http.server
import os
import shutil
import threading
import zipfile
from pathlib import Path

from harness import check, contains, equal, program_output

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = ("bash", "env", "dirname", "uname", "mktemp", "rm", "curl", "sha256sum", "mkdir", "unzip", "chmod", "mv", "cat")


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


class Install:
    def __init__(self, _berth, folder, _shared):
        self.folder = folder

    def set_up(self):
        """A PATH without terraform, and a site with an archive of a program that only says its name."""
        self.bin, self.site = self.folder / "bin", self.folder / "site"
        self.bin.mkdir(parents=True)
        for program in PROGRAMS:
            (self.bin / program).symlink_to(shutil.which(program))
        release = self.site / "1.11.4"
        release.mkdir(parents=True)
        machine = {"x86_64": "amd64", "aarch64": "arm64"}[os.uname().machine]
        self.archive = release / f"terraform_1.11.4_linux_{machine}.zip"
        with zipfile.ZipFile(self.archive, "w") as archive:
            archive.writestr("terraform", "#!/bin/sh\necho a small terraform\n")
        handler = functools.partial(Quiet, directory=str(self.site))
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def tear_down(self):
        self.server.shutdown()

    def find(self, script, target, site=None, path=None):
        site = site or f"http://127.0.0.1:{self.server.server_port}"
        return program_output([str(script), str(target)], check_code=False,
                              env={"PATH": path or str(self.bin), "BERTH_TERRAFORM_SITE": site})

    def case_terraform_of_PATH_is_taken(self):
        place = self.folder / "own"
        place.mkdir()
        (place / "terraform").write_text("#!/bin/sh\n")
        (place / "terraform").chmod(0o755)
        done = self.find(ROOT / "tools/find_terraform", self.folder / "t0", path=f"{place}:{self.bin}")
        equal(done.stdout.strip(), str(place / "terraform"), "path")

    def case_tofu_is_taken_when_there_is_no_terraform(self):
        place = self.folder / "tofu"
        place.mkdir()
        (place / "tofu").write_text("#!/bin/sh\n")
        (place / "tofu").chmod(0o755)
        done = self.find(ROOT / "tools/find_terraform", self.folder / "t1", path=f"{place}:{self.bin}")
        equal(done.stdout.strip(), str(place / "tofu"), "path")

    def case_an_archive_with_another_checksum_is_refused(self):
        done = self.find(ROOT / "tools/find_terraform", self.folder / "t2")
        equal(done.returncode, 69, "exit code")
        contains(done.stderr, "SHA-256")
        check(not (self.folder / "t2").exists(), "something was installed")

    def case_an_unreachable_site_says_what_to_install(self):
        done = self.find(ROOT / "tools/find_terraform", self.folder / "t3", site="http://127.0.0.1:9")
        equal(done.returncode, 69, "exit code")
        contains(done.stderr, "Install Terraform")

    def case_the_right_archive_is_installed_once(self):
        # The same script with the checksum of this archive: the real one is out of a test's reach.
        script = self.folder / "tools/find_terraform"
        script.parent.mkdir()
        text = (ROOT / "tools/find_terraform").read_text()
        pinned = [word.removeprefix("sum=") for word in text.split() if word.startswith("sum=")]
        check(all(len(word) == 64 for word in pinned) and len(pinned) == 2, f"checksums in the script: {pinned}")
        for word in pinned:
            text = text.replace(word, hashlib.sha256(self.archive.read_bytes()).hexdigest())
        script.write_text(text)
        script.chmod(0o755)
        target = self.folder / "t4"
        equal(self.find(script, target).stdout.strip(), str(target / "terraform"), "path")
        equal(program_output([str(target / "terraform")]).stdout, "a small terraform\n", "its output")
        again = self.find(script, target, site="http://127.0.0.1:9")
        equal((again.returncode, again.stdout.strip()), (0, str(target / "terraform")), "the second run")
