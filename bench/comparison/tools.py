"""What the bench needs on the machine: nginx and wrk from the system's packages, the peers from the Python Package Index.

Each peer gets a virtual environment of its own in the bench's working folder, so nothing of it enters the project.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from .places import ROOT, WORK

# The peers' own documentation: devpi-server serves by waitress, which it brings along; proxpi's image runs gunicorn.
PEERS = {"devpi": ["devpi-server"], "proxpi": ["proxpi", "gunicorn"]}


def say(text: str) -> None:
    print(f"bench: {text}", file=sys.stderr, flush=True)


def need_system() -> None:
    """Installs nginx and wrk where they are missing; says what to do where that is not possible."""
    missing = [tool for tool in ("nginx", "wrk") if not find(tool)]
    if not missing:
        return
    say(f"installing {' and '.join(missing)}")
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *missing]):
        if not shutil.which("apt-get") or subprocess.run([*sudo, "apt-get", *command], stdout=subprocess.DEVNULL).returncode:
            sys.exit(f"bench: cannot install {' and '.join(missing)}: install them by hand, then run again")


def find(tool: str) -> str | None:
    """A system tool; administrators' tools are not on everybody's path."""
    return shutil.which(tool, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")


def need_peer(name: str) -> Path:
    """The bin folder of a peer's environment, made where it is missing."""
    place = WORK / "peers" / name
    if not (place / "installed").exists():
        say(f"installing {' and '.join(PEERS[name])}")
        subprocess.run([sys.executable, "-m", "venv", "--clear", place], check=True)
        pip = [place / "bin" / "pip", "install", "-q", "--disable-pip-version-check", *PEERS[name]]
        subprocess.run(pip, check=True)
        (place / "installed").touch()
    return place / "bin"


def need_verdaccio() -> Path:
    """verdaccio's program, installed by npm where it is missing: of the first line with the filter, which node 20 still runs."""
    place = WORK / "peers" / "verdaccio"
    program = place / "node_modules" / "verdaccio" / "bin" / "verdaccio"
    if not program.exists():
        say("installing verdaccio")
        place.mkdir(parents=True, exist_ok=True)
        # One of what it needs is asked for by a tag that not every mirror of the registry has; this is what the tag stands for.
        (place / "package.json").write_text(json.dumps({"private": True, "overrides": {"node-fetch": "^2.6.7"}}))
        npm = ["npm", "install", "--no-audit", "--no-fund", "--silent", "--prefix", place, "verdaccio@~6.4"]
        if not shutil.which("npm") or subprocess.run(npm).returncode:
            sys.exit("bench: cannot install verdaccio: it needs node and npm; without them leave the part npm out (--only)")
    return program


def verdaccio_version() -> str:
    manifest = need_verdaccio().parent.parent / "package.json"
    return json.loads(manifest.read_text())["version"]


def peer_versions(name: str) -> dict[str, str]:
    """Versions of a peer and of what serves it."""
    listed = subprocess.run(
        [WORK / "peers" / name / "bin" / "pip", "list", "--format=freeze", "--disable-pip-version-check"],
        capture_output=True, text=True, check=True,
    ).stdout
    versions = dict(line.split("==", 1) for line in listed.splitlines() if "==" in line)
    return {package: versions[package] for package in [*PEERS[name], "waitress"] if package in versions}


def target() -> Path:
    return Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"


def build(binary: Path | None) -> Path:
    """The release binary."""
    if binary:
        return binary.resolve()
    say("building fanlight")
    subprocess.run(["cargo", "build", "--release", "--locked", "-p", "fanlight"], cwd=ROOT, check=True)
    return target() / "fanlight"


def build_example(package: str, example: str) -> Path:
    """One of the crates' own measuring programs."""
    say(f"building {example}")
    command = ["cargo", "build", "--release", "--locked", "-p", package, "--example", example]
    subprocess.run(command, cwd=ROOT, check=True)
    return target() / "examples" / example
