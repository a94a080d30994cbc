"""Archives that explode and templates that hurt, through the real server: refused, and nothing is left of them."""

import io
import os
import struct
import tarfile
import zipfile
import zlib

from harness import NEEDS_CODER, Group, attempt, check, contains, descendants, equal

GIGABYTE = 1 << 30
# Above what the server and its terraform need for an ordinary import.
MEMORY = 400 << 20


def zeros_deflated(size):
    """A raw deflate stream of so many zeros, made of one piece again and again."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    piece = packer.compress(bytes(16 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    return piece * (size >> 24) + b"\x03\x00"


def zip_bomb(size):
    data = zeros_deflated(size)
    name = b"main.tf"
    # The sizes of ten gigabytes do not fit here; a bomb says what it likes anyway.
    sizes = struct.pack("<III", 0, len(data), 1000)
    local = b"PK\x03\x04" + struct.pack("<HHHHH", 20, 0, 8, 0, 0) + sizes + struct.pack("<HH", len(name), 0) + name + data
    central = b"PK\x01\x02" + struct.pack("<HHHHHH", 20, 20, 0, 8, 0, 0) + sizes + struct.pack("<HHHHHII", len(name), 0, 0, 0, 0, 0, 0) + name
    return local + central + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), len(local), 0)


def tar_header(name, size, kind=tarfile.REGTYPE):
    entry = tarfile.TarInfo(name)
    entry.size, entry.type = size, kind
    return entry.tobuf(tarfile.GNU_FORMAT)


def gzip_bomb(header, size):
    """Two gzip members: the header, then zeros; the second one's checksum is wrong, which nobody lives to see."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    head = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03"
    return packer.compress(header) + packer.flush() + head + zeros_deflated(size) + bytes(8)


def zstd_bomb(header, size):
    """A frame whose blocks are 128 KiB of one byte each, four bytes long."""
    def block(kind, length, last=0):
        return struct.pack("<I", last | kind << 1 | length << 3)[:3]
    frame = b"\x28\xb5\x2f\xfd\x00\x58" + block(0, len(header)) + header
    zeros = block(1, 128 << 10) + b"\x00"
    return frame + zeros * (size >> 17) + block(0, 0, last=1)


def peak(pid):
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) << 10 for line in status if line.startswith("VmHWM:"))


def many_files(count, size):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(count):
            archive.writestr(f"file-{number}", bytes(size))
    return buffer.getvalue()


def tar_with(entries):
    """Of (name, type, link, text)."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for name, kind, link, text in entries:
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname, entry.size = kind, link, len(text)
            archive.addfile(entry, io.BytesIO(text.encode()))
    return buffer.getvalue()


FILE, LINK, HARD = tarfile.REGTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE
MAIN = ("main.tf", FILE, "", "locals {}\n")
# Where a hostile archive would like to write.
OUTSIDE = "/tmp/berth-hostile-archive"

# (what, entries, words of the import's error)
LEADING_OUT = [
    ("an absolute path", [MAIN, (OUTSIDE, FILE, "", "x")], "absolute"),
    ("a path that goes up", [MAIN, ("a/../../../../../../.." + OUTSIDE, FILE, "", "x")], "leads out"),
    ("a link to an absolute path", [MAIN, ("link", LINK, "/etc/passwd", "")], "leads out"),
    ("a link that goes up", [MAIN, ("link", LINK, "../../../..", "")], "leads out"),
    ("a file through a link", [MAIN, ("link", LINK, "folder", ""), ("link/x", FILE, "", "x")], "in place of something else"),
    ("a hard link", [MAIN, ("hard", HARD, "/etc/passwd", "")], "hard link"),
    ("a device", [MAIN, ("device", tarfile.CHRTYPE, "", "")], "neither a file"),
]

HEAD = NEEDS_CODER + """
resource "coder_agent" "main" {
  os   = "linux"
  arch = "amd64"
%s}
resource "terraform_data" "machine" {
  input = coder_agent.main.token
}
"""


def app(address, slug):
    return f'resource "coder_app" "{address}" {{\n  agent_id = coder_agent.main.id\n  slug = "{slug}"\n  url = "http://localhost:1"\n}}\n'


def agent_metadata(key):
    return f'  metadata {{\n    key = "{key}"\n    script = "true"\n    interval = 5\n    timeout = 1\n  }}\n'


ITEMS = 'resource "coder_metadata" "info" {\n  resource_id = terraform_data.machine.id\n%s}\n'
ITEM = '  item {\n    key = "cpu"\n    value = "1"\n  }\n'
SECOND = 'module "again" {\n  source = "./again"\n}\n'

# (what, files, words of the import's error)
CONTRADICTIONS = [
    ("two agents of one name", {"main.tf": HEAD % "" + SECOND, "again/main.tf": HEAD % ""}, ["duplicate agent name", "coder_agent.main", "module.again"]),
    ("two apps of one slug", {"main.tf": HEAD % "" + app("a", "web") + app("b", "web")}, ["duplicate app slug", "coder_app.a", "coder_app.b"]),
    ("an app whose slug is no host name", {"main.tf": HEAD % "" + app("a", "Web_1")}, ["slug"]),
    ("an agent's metadata twice", {"main.tf": HEAD % (agent_metadata("cpu") * 2)}, ["cpu"]),
    ("a resource's metadata twice", {"main.tf": HEAD % "" + ITEMS % (ITEM * 2)}, ["cpu"]),
    ("a resource described twice", {"main.tf": HEAD % "" + ITEMS % ITEM + (ITEMS % ITEM).replace('"info"', '"more"')}, ["duplicate metadata"]),
    ("resources that need each other", {"main.tf": HEAD % "  env = { ID = terraform_data.machine.id }\n"}, ["Cycle", "coder_agent.main"]),
]


class Hostile(Group):
    def set_up(self):
        super().set_up()
        self.imported({"main.tf": "locals {}\n"}, "succeeded")
        self.before = peak(self.deployment.process.pid)

    def upload(self, data, kind):
        return self.api.call("POST", "/api/v2/files", data, {"Content-Type": kind}, timeout=120)

    def imported(self, files_or_hash, status):
        file = files_or_hash if isinstance(files_or_hash, str) else self.api.upload(files_or_hash)
        version = self.api.post("/api/v2/organizations/default/templateversions", {
            "storage_method": "file", "file_id": file, "provisioner": "terraform", "tags": {}})
        version = self.api.wait_version(version["id"], 60)
        equal(version["job"]["status"], status, f"the import ({version['job'].get('error')})")
        return version["job"].get("error") or ""

    def case_a_zip_that_explodes_is_refused_where_it_is_uploaded(self):
        rows = [("ten gigabytes in one file", zip_bomb(10 * GIGABYTE)), ("200 MB in many files", many_files(2000, 100_000)),
                ("too many files", many_files(21_000, 0))]
        for what, data in rows:
            def one(data=data):
                check(len(data) < 20 << 20, f"the bomb itself has {len(data)} bytes")
                answer = self.upload(data, "application/zip")
                check(answer.status in (400, 413), f"answered {answer.status}: {answer.body[:300]}")
                check(answer.message(), "no message")
            yield what, attempt(one)

    def case_a_compressed_tar_that_explodes_fails_its_import(self):
        ten = 10 * GIGABYTE
        in_one = tar_header("main.tf", 7 * GIGABYTE)
        rows = [("gzip", gzip_bomb(in_one, ten), "unpacks to more than"), ("zstd", zstd_bomb(in_one, ten), "unpacks to more than"),
                ("a folder with contents", zstd_bomb(tar_header("folder/", 7 * GIGABYTE, tarfile.DIRTYPE), ten), ""),
                ("a name of gigabytes", zstd_bomb(tar_header("././@LongLink", 7 * GIGABYTE, tarfile.GNUTYPE_LONGNAME), ten), "archive"),
                ("nothing but zeros", zstd_bomb(bytes(1024), ten), "No configuration files")]
        for what, data, says in rows:
            def one(data=data, says=says):
                answer = self.upload(data, "application/x-tar")
                if answer.status in (400, 413):
                    check(answer.message(), "no message")
                    return
                contains(self.imported(answer.json()["hash"], "failed"), says)
            yield what, attempt(one)

    def case_an_archive_that_leads_out_of_itself_fails_its_import(self):
        for what, entries, says in LEADING_OUT:
            def one(entries=entries, says=says):
                answer = self.upload(tar_with(entries), "application/x-tar")
                contains(self.imported(answer.json()["hash"], "failed"), says)
                check(not os.path.lexists(OUTSIDE), "the file is there")
            yield what, attempt(one)

    def case_a_template_that_contradicts_itself_is_told_where(self):
        for what, files, words in CONTRADICTIONS:
            def one(files=files, words=words):
                error = self.imported(files, "failed")
                for word in words:
                    contains(error, word)
            yield what, attempt(one)

    def case_templates_nested_without_end_are_refused_before_terraform_sees_them(self):
        for what, text in (("lists", "locals {\n  a = " + "[" * 100_000 + "]" * 100_000 + "\n}\n"), ("blocks", "b {\n" * 100_000)):
            def one(text=text):
                contains(self.imported({"main.tf": text}, "failed"), "nested too deeply")
            yield what, attempt(one)

    def case_five_megabytes_of_a_valid_template_import(self):
        self.imported({"main.tf": "locals {\n" + "".join(f'  v{i} = "{"x" * 5000}"\n' for i in range(1050)) + "}\n"}, "succeeded")

    def case_nothing_is_left_and_the_server_lives_on(self):
        equal([pid for pid in descendants(self.deployment.process.pid) if "terraform" in open(f"/proc/{pid}/comm").read()], [], "terraforms")
        work = self.deployment.folder / "cache"
        left = [str(path) for path in work.rglob("*") if path.is_file() and path.stat().st_size > 64 << 20]
        equal(left, [], "large files")
        grown = peak(self.deployment.process.pid) - self.before
        check(grown < MEMORY, f"the server took {grown >> 20} MiB more")
        self.imported({"main.tf": "locals {}\n"}, "succeeded")
