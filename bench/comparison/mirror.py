"""A real project's packages on loopback: what the npm registry has of them, kept in the bench's folder once it was asked for.

Run as `python3 -m comparison.mirror REGISTRY FOLDER`; prints `ready URL`. Publish times are moved back by a month, so that no server
holds back what happens to be fresh today.
"""

import hashlib
import json
import sys
import urllib.error
import urllib.request
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote, unquote

MOVED = timedelta(days=30)


class Kept:
    """The registry's answers, each a file by the hash of what was asked for."""

    def __init__(self, registry: str, folder: Path) -> None:
        self.registry, self.folder = registry.rstrip("/"), folder
        self.base = ""
        self.pages: dict[str, bytes] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def upstream(self, path: str) -> bytes | None:
        place = self.folder / hashlib.sha256(path.encode()).hexdigest()
        if not place.exists():
            try:
                with urllib.request.urlopen(f"{self.registry}/{path}", timeout=60) as answer:
                    content = answer.read()
            except urllib.error.HTTPError as error:
                if error.code == 404:
                    return None
                raise
            half = place.with_suffix(".half")
            half.write_bytes(content)
            half.rename(place)
        return place.read_bytes()

    def packument(self, name: str) -> bytes | None:
        if name not in self.pages:
            content = self.upstream(quote(name, safe="@"))
            if content is None:
                return None
            page = json.loads(content)
            for version in page.get("versions", {}).values():
                file = version["dist"]["tarball"].rsplit("/", 1)[1]
                version["dist"]["tarball"] = f"{self.base}/npm/{name}/-/{file}"
            for version, at in page.get("time", {}).items():
                if isinstance(at, str):
                    moved = datetime.fromisoformat(at.replace("Z", "+00:00")) - MOVED
                    page["time"][version] = moved.strftime("%Y-%m-%dT%H:%M:%S.000Z")
            self.pages[name] = json.dumps(page, separators=(",", ":")).encode()
        return self.pages[name]


class Answers(BaseHTTPRequestHandler):
    """Answers GET; conditional requests by ETag."""

    protocol_version = "HTTP/1.1"
    kept: Kept

    def do_GET(self) -> None:  # noqa: N802  (the name http.server asks for)
        path = unquote(self.path.split("?")[0]).removeprefix("/npm/").strip("/")
        is_tarball = "/-/" in path
        content = self.kept.upstream(path) if is_tarball else self.kept.packument(path)
        body = content if content is not None else b"{}"
        etag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
        status = 404 if content is None else 200
        if status == 200 and self.headers.get("If-None-Match") == etag:
            status, body = 304, b""
        self.send_response(status)
        self.send_header("Content-Type", "application/octet-stream" if is_tarball else "application/json")
        self.send_header("ETag", etag)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


def main() -> None:
    kept = Kept(sys.argv[1], Path(sys.argv[2]))
    Answers.kept = kept
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    server.daemon_threads = True
    kept.base = f"http://127.0.0.1:{server.server_address[1]}"
    print(f"ready {kept.base}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
