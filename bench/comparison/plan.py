"""The run: what is measured in which order, and the results as JSON."""

import argparse
import json
import os
import shutil
import sys
from pathlib import Path

from . import inner, life, load, machine, npm, npm_project, pages, people, tools
from .places import BENCH, RESULTS, WORK
from .process import Process, get
from .servers import ALL, AS_PIP, Devpi, Fanlight, Nginx, Proxpi, Server
from .upstream import LARGE_FILE, LARGE_PROJECT, SMALL_FILE, SMALL_PROJECT

PARTS = ("load", "install", "starts", "npm", "npm-ci", "people", "ledger", "decisions")


def run(arguments: argparse.Namespace) -> None:
    """Measures what is asked for. Parts not asked for keep their figures of the run before, and say so."""
    parts = arguments.only or list(PARTS)
    wanted = arguments.servers.split(",") if arguments.servers else [kind.name for kind in ALL]
    kinds = [kind for kind in ALL if kind.name in wanted]
    WORK.mkdir(exist_ok=True)
    results: dict = json.loads(RESULTS.read_text()) if arguments.only and RESULTS.exists() else {}
    binary = None
    if set(parts) - {"ledger", "decisions"}:
        tools.need_system()
        tools.need_peer("devpi")
        tools.need_peer("proxpi")
        binary = Fanlight.binary = tools.build(arguments.binary)
        results["machine"] = machine.describe(binary, WORK)
        if "load" in parts:
            results["settings"] = {
                "seconds": arguments.seconds, "rounds": arguments.rounds, "longest": arguments.longest
            }
        source = Process(
            [sys.executable, "-m", "comparison.upstream"], WORK / "upstream.log", cwd=BENCH, ready_line=True
        )
        try:
            base, _ = source.line()
            if {"load", "starts"} & set(parts):
                under_load(results, kinds, base, arguments, "load" in parts)
                keep(results)
            if "install" in parts:
                results["install"] = life.cold_installs(kinds, base, arguments.installs)
                keep(results)
            if "npm" in parts:
                results["npm"] = npm.measure(base, arguments.seconds, arguments.rounds, arguments.longest)
                keep(results)
            if "npm-ci" in parts:
                results["npm-ci"] = npm_project.measure(arguments.installs, arguments.seconds, arguments.longest)
                keep(results)
            if "people" in parts:
                results["people"] = people.measure(binary, arguments.programs)
        finally:
            source.end()
            # What was measured stays measured, whatever becomes of the rest.
            keep(results)
    if "ledger" in parts:
        results["ledger"] = inner.ledger(arguments.programs)
    if "decisions" in parts:
        results["decisions"] = inner.decisions(arguments.programs)
    # Parts measured at another time keep the commit that they were measured at.
    results.setdefault("commits", {}).update(dict.fromkeys(parts, machine.commit()))
    keep(results)
    tools.say(f"figures are in {RESULTS.relative_to(BENCH.parent)}")


def keep(results: dict) -> None:
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=1))


def under_load(results: dict, kinds: list[type[Server]], base: str, arguments: argparse.Namespace, do_load: bool) -> None:
    """Memory when idle, load, memory after it, and then starts on the state that the load has left."""
    servers = []
    for kind in kinds:
        shutil.rmtree(WORK / "run" / kind.name, ignore_errors=True)
        servers.append(kind(WORK / "run" / kind.name, base))
    fanlight = next(server for server in servers if isinstance(server, Fanlight))
    memory: dict[str, dict[str, int]] = {}
    try:
        fanlight.start()
        for server in servers:
            if isinstance(server, Nginx):
                furnish(server, fanlight)
            if server is not fanlight:
                server.start()
            memory[server.name] = {"idle": life.idle_rss(server.process)} if server is not fanlight else {}
        if do_load:
            results["load"] = []
            load.measure(servers, arguments.seconds, arguments.rounds, arguments.longest, results["load"])
            for server in servers:
                memory[server.name]["after_load"] = life.idle_rss(server.process, 1)
            # The others would only take memory and time from what is measured now.
            for server in servers:
                if server is not fanlight:
                    server.end()
            results["pages"] = pages.measure(fanlight, arguments.seconds)
    finally:
        for server in servers:
            server.end()
    results["records"] = fanlight.records()
    results["load_after"] = os.getloadavg()
    results["memory"] = memory
    keep(results)
    if do_load:
        asked = sum(r["requests"] for c in results["load"] if c["server"] == "fanlight" for r in c["rounds"])
        results["requests_counted"] = asked
        # What was answered was recorded, or the figures are worth nothing.
        if results["records"] < asked:
            sys.exit(f"bench: {asked} requests were answered, the ledger has {results['records']} records")
    results["starts"] = {}
    for server in servers:
        if isinstance(server, (Fanlight, Devpi, Proxpi)):
            times = arguments.starts if isinstance(server, Fanlight) else 3
            tools.say(f"{times} starts of {server.name}")
            results["starts"][server.name] = life.starts(server, times)
            memory[server.name]["idle"] = results["starts"][server.name]["rss_idle_bytes"]
    keep(results)


def furnish(server: Nginx, fanlight: Fanlight) -> None:
    """Gives nginx the very bytes that Fanlight answers with."""
    for project in (SMALL_PROJECT, LARGE_PROJECT):
        status, _, page = get(fanlight.page(project), AS_PIP)
        if status != 200:
            sys.exit(f"bench: fanlight answers {status} for {project}: {page[:500]!r}")
        server.put(f"simple/{project}.json", page)
    for project, file in (("medium", SMALL_FILE), ("large", LARGE_FILE)):
        status, _, content = get(fanlight.file(project, file), AS_PIP)
        if status != 200:
            sys.exit(f"bench: fanlight answers {status} for {file}: {content[:500]!r}")
        server.put(f"files/{project}/{file}", content)
