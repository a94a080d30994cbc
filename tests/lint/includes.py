"""Which module may include which: the arrows of docs/architecture.md."""

import re

ALLOWED = {
    "base": set(),
    "net": {"base"},
    "rpc": {"base", "net"},
    "rbac": {"base"},
    "sdk": {"base", "net"},
    "db": {"base", "net", "rbac"},
    "provisionerd": {"base", "net", "rpc"},
    "provisioner": {"base", "net", "rpc"},
    "agent": {"base", "net", "rpc", "sdk"},
    "coderd": {"base", "net", "rpc", "rbac", "sdk", "db"},
    # The command line starts every part, the server with its built-in daemons as well.
    "cli": {"base", "net", "rpc", "sdk", "agent", "coderd", "provisionerd", "provisioner"},
}
INCLUDE = re.compile(r'^\s*#\s*include\s+["<]([\w./-]+)[">]')
HEAVY = re.compile(r"^(boost/beast|google/protobuf|libpq-fe\.h|openssl/|libssh/|archive\.h)")


def modules(files):
    return sorted({name.split("/")[1] for name in files if name.startswith("src/") and name.count("/") >= 2})


def check_includes(module, name, text):
    """Yields (line, what is wrong)."""
    allowed = ALLOWED.get(module)
    if allowed is None:
        yield 1, f"module {module} is not in the table of tests/lint/includes.py"
        return
    for number, line in enumerate(text.splitlines(), 1):
        found = INCLUDE.match(line)
        if not found:
            continue
        target = found.group(1)
        folder = target.split("/")[0] if "/" in target else None
        if target.startswith("../"):
            yield number, f"{target}: include from src/"
        elif folder in ALLOWED and folder != module and folder not in allowed and f'"{target}"' in line:
            yield number, f"{module} must not include {target}"
        elif module in ("base", "net", "rbac", "sdk", "db") and re.match(r"(provisioner|provisionerd|agent|tailnet)\.pb\.h", target):
            yield number, f"{module} must not know the wire messages ({target})"
        elif name.endswith(".h") and module in ("coderd", "cli", "sdk", "agent") and target.startswith("boost/beast"):
            yield number, f"{target} is too heavy for a header"
