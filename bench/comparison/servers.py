"""The servers compared, each started as its own documentation says, all in front of the same upstream.

A server is given a folder of its own. `start` returns when it answers; `simple` is the address of its index.
"""

import base64
import json
import os
import subprocess
from pathlib import Path

from . import tools
from .process import Process, free_port, get
from .upstream import SMALL_PROJECT

PIP_ACCEPT = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html; q=0.1, text/html; q=0.01"
JSON_ACCEPT = "application/vnd.pypi.simple.v1+json"
AS_PIP = {"Accept": PIP_ACCEPT, "User-Agent": "pip/26.0"}


class Server:
    """What all servers share."""

    name = ""

    def __init__(self, folder: Path, upstream: str) -> None:
        self.folder, self.upstream, self.port = folder, upstream, free_port()
        self.process: Process | None = None
        folder.mkdir(parents=True, exist_ok=True)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def simple(self) -> str:
        raise NotImplementedError

    def start(self) -> float:
        """Starts it; the seconds until it is ready."""
        raise NotImplementedError

    def end(self) -> None:
        if self.process:
            self.process.end()
            self.process = None

    def page(self, project: str) -> str:
        return f"{self.simple}{project}/"

    def file(self, project: str, file: str) -> str:
        """The file's address, as the server's own page gives it."""
        _, _, page = get(self.page(project), {"Accept": JSON_ACCEPT})
        listed = json.loads(page)["files"]
        url = next(entry["url"] for entry in listed if entry["filename"] == file)
        if url.startswith("http"):
            return url
        if url.startswith("/"):
            return self.base + url
        from urllib.parse import urljoin
        return urljoin(self.page(project), url)


class Fanlight(Server):
    """Default settings: recording on, cool-down of seven days, pages looked at again after a minute."""

    name = "fanlight"
    binary: Path

    @property
    def simple(self) -> str:
        return f"{self.base}/pypi/simple/"

    def start(self) -> float:
        env = {"FANLIGHT_PACKAGES__PYPI__UPSTREAM": f"{self.upstream}/simple/"}
        command = [self.binary, "up", "--state", self.folder / "state", "--listen", f"127.0.0.1:{self.port}"]
        self.process = Process(command, self.folder / "log", env=env, ready_line=True)
        return self.process.line()[1]

    def records(self) -> int:
        """How many records its newest checkpoint is over (C2SP tlog-checkpoint: the second line)."""
        return int((self.folder / "state" / "ledger" / "checkpoint").read_text().splitlines()[1])


class Nginx(Server):
    """One worker that sends files from disk: the practical limit. It decides nothing and knows nobody."""

    name = "nginx"
    access_log = "off"

    @property
    def simple(self) -> str:
        return f"{self.base}/simple/"

    def page(self, project: str) -> str:
        # A file by its own name, so that nginx need not look for a folder's index.
        return f"{self.simple}{project}.json"

    def file(self, project: str, file: str) -> str:
        return f"{self.base}/files/{project}/{file}"

    def put(self, path: str, content: bytes) -> None:
        place = self.folder / "site" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)

    def start(self) -> float:
        user = "user root;" if os.geteuid() == 0 else ""
        config = self.folder / "nginx.conf"
        config.write_text(f"""
            {user}
            daemon off;
            worker_processes 1;
            pid {self.folder}/pid;
            error_log {self.folder}/error.log warn;
            events {{ worker_connections 1024; multi_accept on; }}
            http {{
                access_log {self.access_log};
                sendfile on;
                tcp_nopush on;
                tcp_nodelay on;
                keepalive_timeout 75;
                keepalive_requests 1000000000;
                default_type application/octet-stream;
                types {{ application/vnd.pypi.simple.v1+json json; }}
                server {{
                    listen 127.0.0.1:{self.port} backlog=1024;
                    root {self.folder}/site;
                }}
            }}
        """)
        command = [tools.find("nginx"), "-e", self.folder / "error.log", "-p", self.folder, "-c", config]
        self.process = Process(command, self.folder / "log")
        return self.process.until(self.page(SMALL_PROJECT), AS_PIP)


class NginxWithLog(Nginx):
    """The same with a buffered access log: an account of each request, though lost in a crash."""

    name = "nginx-log"

    @property
    def access_log(self) -> str:  # type: ignore[override]
        return f"{self.folder}/access.log combined buffer=64k flush=1s"


class Devpi(Server):
    """devpi-server with a mirror of the upstream, its own web server with its own default of threads."""

    name = "devpi"

    @property
    def simple(self) -> str:
        return f"{self.base}/root/bench/+simple/"

    def start(self) -> float:
        place, bin_folder = self.folder / "state", tools.need_peer("devpi")
        is_new = not place.exists()
        if is_new:
            init = [bin_folder / "devpi-init", "--serverdir", place, "--no-root-pypi"]
            subprocess.run(init, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        command = [bin_folder / "devpi-server", "--serverdir", place, "--host", "127.0.0.1", "--port", self.port]
        self.process = Process(command, self.folder / "log")
        took = self.process.until(f"{self.base}/+api", {"Accept": "application/json"})
        if is_new:
            self.mirror()
        return took

    def mirror(self) -> None:
        kind = {"Content-Type": "application/json", "Accept": "application/json"}
        login = json.dumps({"user": "root", "password": ""}).encode()
        _, _, answer = get(f"{self.base}/+login", kind, login, "POST")
        password = json.loads(answer)["result"]["password"]
        token = base64.b64encode(f"root:{password}".encode()).decode()
        index = json.dumps({"type": "mirror", "mirror_url": f"{self.upstream}/simple/", "volatile": False}).encode()
        status, _, answer = get(f"{self.base}/root/bench", {**kind, "X-Devpi-Auth": token}, index, "PUT")
        if status not in (200, 201):
            raise RuntimeError(f"devpi-server did not take the mirror: {status} {answer[:300]!r}")


class Proxpi(Server):
    """proxpi under gunicorn with the options of its own container image."""

    name = "proxpi"

    @property
    def simple(self) -> str:
        return f"{self.base}/index/"

    def start(self) -> float:
        bin_folder = tools.need_peer("proxpi")
        cache = self.folder / "cache"
        cache.mkdir(exist_ok=True)
        env = {"PROXPI_INDEX_URL": f"{self.upstream}/simple/", "PROXPI_CACHE_DIR": str(cache)}
        command = [
            bin_folder / "gunicorn", "--preload", "--access-logfile", "-",
            "--access-logformat", '%(h)s "%(r)s" %(s)s %(b)s %(M)dms',
            "--logger-class", "proxpi.server._GunicornLogger",
            "--bind", f"127.0.0.1:{self.port}", "--threads", "2", "--no-control-socket", "proxpi.server:app",
        ]
        self.process = Process(command, self.folder / "log", env=env)
        return self.process.until(f"{self.base}/health", {})


ALL: list[type[Server]] = [Fanlight, Nginx, NginxWithLog, Devpi, Proxpi]
