"""The bench's own upstream: a small package index with old releases, in JSON and HTML, and its files.

Run as `python3 -m comparison.upstream`; prints `ready URL`. The servers compared ask it while they warm up; the load
itself never reaches it, except that a server may look again whether a page has changed.
"""

import base64
import hashlib
import html
import io
import json
import sys
import zipfile
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

JSON = "application/vnd.pypi.simple.v1+json"
SMALL_PROJECT, LARGE_PROJECT = "thirty", "thousands"
# A packument of 8 MB in the form that npm asks for, too: long dependencies, which no form leaves out.
PACKAGE, PACKAGE_VERSIONS, DEPENDENCIES = "abundant", 1000, 280
SMALL_FILE, LARGE_FILE = "medium-1.0-py3-none-any.whl", "large-1.0-py3-none-any.whl"
SMALL_BYTES, LARGE_BYTES = 50 * 1024, 50 * 1024 * 1024
# What the cold install asks for, and what each needs: five wheels in three steps.
INSTALLED = "tree-app"
TREE = {
    "tree-app": ["tree-left", "tree-right"],
    "tree-left": ["tree-leaf"],
    "tree-right": ["tree-leaf", "tree-extra"],
    "tree-leaf": [],
    "tree-extra": [],
}
# All uploads are years older than any cool-down.
FIRST_UPLOAD = datetime(2019, 1, 1, 12, tzinfo=timezone.utc)


def wheel(name: str, needs: list[str]) -> bytes:
    """A wheel that installs: one module, metadata, record."""
    module = name.replace("-", "_")
    info = f"{module}-1.0.dist-info"
    requires = "".join(f"Requires-Dist: {need}>=1.0\n" for need in needs)
    files = {
        f"{module}/__init__.py": f'"""{name}"""\n' + "# filling\n" * 2000,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n{requires}",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: bench\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    files[f"{info}/RECORD"] = "".join(f"{path},,\n" for path in [*files, f"{info}/RECORD"])
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return out.getvalue()


def packument(base: str) -> bytes:
    """A package of many old releases and one of this hour, so that there is something to withhold."""
    versions, times = {}, {"created": FIRST_UPLOAD.isoformat(), "modified": FIRST_UPLOAD.isoformat()}
    needs = {f"dependency-{number}": f"^{number}.0.0" for number in range(DEPENDENCIES)}
    for number in range(PACKAGE_VERSIONS):
        version = f"1.{number}.0"
        integrity = base64.b64encode(hashlib.sha512(version.encode()).digest()).decode()
        versions[version] = {
            "name": PACKAGE, "version": version, "dependencies": needs,
            "dist": {"tarball": f"{base}/npm/{PACKAGE}/-/{PACKAGE}-{version}.tgz", "integrity": f"sha512-{integrity}",
                     "shasum": hashlib.sha1(version.encode()).hexdigest()},
        }
        is_fresh = number == PACKAGE_VERSIONS - 1
        at = datetime.now(timezone.utc) - timedelta(hours=1) if is_fresh else FIRST_UPLOAD + timedelta(days=number)
        times[version] = at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    latest = f"1.{PACKAGE_VERSIONS - 1}.0"
    page = {"_id": PACKAGE, "name": PACKAGE, "dist-tags": {"latest": latest}, "versions": versions, "time": times}
    return json.dumps(page, separators=(",", ":")).encode()


def noise(name: str, size: int) -> bytes:
    """Bytes that do not compress and are the same in each run."""
    return hashlib.shake_256(name.encode()).digest(size)


def listing(name: str, count: int) -> dict[str, bytes]:
    """A project with `count` small files, wheels and source archives in turn."""
    out = {}
    for number in range(count):
        version = f"1.{number // 2}.0"
        file = f"{name}-{version}-py3-none-any.whl" if number % 2 else f"{name}-{version}.tar.gz"
        out[file] = noise(file, 256)
    return out


class Index:
    """All projects, their pages made once."""

    def __init__(self) -> None:
        self.projects = {
            SMALL_PROJECT: listing(SMALL_PROJECT, 30),
            LARGE_PROJECT: listing(LARGE_PROJECT, 2000),
            "medium": {SMALL_FILE: noise(SMALL_FILE, SMALL_BYTES)},
            "large": {LARGE_FILE: noise(LARGE_FILE, LARGE_BYTES)},
        }
        for name, needs in TREE.items():
            self.projects[name] = {f"{name.replace('-', '_')}-1.0-py3-none-any.whl": wheel(name, needs)}
        self.pages: dict[tuple[str, str], bytes] = {}

    def make_pages(self, base: str) -> None:
        for name, files in self.projects.items():
            listed = []
            for number, (file, content) in enumerate(files.items()):
                listed.append({
                    "filename": file,
                    "url": f"{base}/files/{name}/{file}",
                    "hashes": {"sha256": hashlib.sha256(content).hexdigest()},
                    "requires-python": ">=3.8",
                    "size": len(content),
                    "upload-time": (FIRST_UPLOAD + timedelta(days=number // 2)).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
                    "yanked": False,
                })
            versions = list(dict.fromkeys(file.removesuffix(".tar.gz").split("-")[1] for file in files))
            page = {"meta": {"api-version": "1.1"}, "name": name, "versions": versions, "files": listed}
            self.pages[name, "json"] = json.dumps(page).encode()
            links = "".join(
                f'<a href="{html.escape(f["url"])}#sha256={f["hashes"]["sha256"]}" '
                f'data-requires-python="&gt;=3.8">{html.escape(f["filename"])}</a><br/>\n'
                for f in listed
            )
            self.pages[name, "html"] = f"<!DOCTYPE html><html><body>\n{links}</body></html>\n".encode()
        self.packument = packument(base)
        names = sorted(self.projects)
        all_of_them = {"meta": {"api-version": "1.1"}, "projects": [{"name": name} for name in names]}
        self.pages["", "json"] = json.dumps(all_of_them).encode()
        links = "".join(f'<a href="/simple/{name}/">{name}</a>\n' for name in names)
        self.pages["", "html"] = f"<!DOCTYPE html><html><body>\n{links}</body></html>\n".encode()


class Answers(BaseHTTPRequestHandler):
    """Answers GET and HEAD; conditional requests by ETag."""

    protocol_version = "HTTP/1.1"
    index: Index

    def do_GET(self) -> None:  # noqa: N802  (the name http.server asks for)
        parts = [part for part in self.path.split("?")[0].split("/") if part]
        content = None
        kind = "application/octet-stream"
        if parts[:1] == ["simple"] and len(parts) <= 2:
            as_json = JSON in self.headers.get("Accept", "")
            content = self.index.pages.get((parts[1] if len(parts) == 2 else "", "json" if as_json else "html"))
            kind = JSON if as_json else "text/html; charset=utf-8"
        elif parts[:1] == ["files"] and len(parts) == 3:
            content = self.index.projects.get(parts[1], {}).get(parts[2])
        elif parts == ["npm", PACKAGE]:
            content, kind = self.index.packument, "application/json"
        self.answer(content, kind)

    do_HEAD = do_GET  # noqa: N815

    def answer(self, content: bytes | None, kind: str) -> None:
        status = 200 if content is not None else 404
        body = content if content is not None else b"not here\n"
        etag = f'"{hashlib.sha256(body).hexdigest()[:20]}"' if len(body) < 16 << 20 else '"large"'
        if status == 200 and self.headers.get("If-None-Match") == etag:
            status, body = 304, b""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("ETag", etag)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


def main() -> None:
    index = Index()
    Answers.index = index
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    server.daemon_threads = True
    base = f"http://127.0.0.1:{server.server_address[1]}"
    index.make_pages(base)
    print(f"ready {base}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    sys.exit(main())
