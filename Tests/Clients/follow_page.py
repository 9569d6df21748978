#!/usr/bin/env python3
"""Follows docs/ci.md word by word, or runs the steps of the reusable workflow, in a copy of Examples/CI.

    follow_page.py page TAPEDECK FOLDER
    follow_page.py workflow TAPEDECK FOLDER [--broken]

Each ```sh block of the page runs in one shell, stopping at the first error; a block ```sh red must end with status 1. Ports are changed to
free ones, nothing else. Of the workflow the steps with `run:` are run as GitHub would, but for the download, which nobody serves here.
"""

import argparse
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys

import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def blocks(page):
    return re.findall(r"^```sh( red)?\n(.*?)^```$", page.read_text(encoding="utf-8"), re.M | re.S)


def script_of(page):
    """The blocks in one script. A red block's status is looked at, not obeyed."""
    lines = ["set -euo pipefail", "trap 'kill $(jobs -p) 2>/dev/null || true' EXIT"]
    for number, (red, text) in enumerate(blocks(page), 1):
        lines.append(f"echo '--- block {number}'")
        if red:
            lines += ["status=0", "{", text.rstrip(), "} || status=$?", f'[ "$status" -eq 1 ] || {{ echo "block {number} ended with $status, not 1" >&2; exit 9; }}']
        else:
            lines.append(text.rstrip())
    return "\n".join(lines) + "\n"


def environment(tapedeck, **more):
    """As at somebody's desk, with this tapedeck and this Python first on the PATH."""
    names = {name: value for name, value in os.environ.items() if name != "CI" and not name.startswith("TAPEDECK_")}
    path = os.pathsep.join([str(tapedeck.parent), str(pathlib.Path(sys.executable).parent), names["PATH"]])
    return {**names, "PATH": path, **more}


def copy_of_example(folder):
    shutil.copytree(ROOT / "Examples/CI", folder)
    return folder


def follow(tapedeck, folder):
    script = script_of(ROOT / "docs/ci.md")
    for port in ("3000", "4000"):
        script = script.replace(port, str(free_port()))
    work = copy_of_example(folder / "example")
    status = subprocess.run(["bash", "-c", script], cwd=work, env=environment(tapedeck)).returncode
    if status:
        sys.exit(f"the page ended with status {status}")
    return work


def substituted(value, inputs):
    return re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda match: inputs[match[1]], str(value))


def run_workflow(tapedeck, folder, broken):
    workflow = yaml.safe_load((ROOT / ".github/workflows/replay.yml").read_text(encoding="utf-8"))
    caller = yaml.safe_load((ROOT / "Examples/CI/.github/workflows/ci.yml").read_text(encoding="utf-8"))
    # YAML takes the key `on` for a truth value
    declared = workflow[True]["workflow_call"]["inputs"]
    given = caller["jobs"]["replay"]["with"]
    unknown, missing = set(given) - set(declared), {n for n, i in declared.items() if i.get("required")} - set(given)
    if unknown or missing:
        sys.exit(f"the example gives {unknown}, which the workflow does not take, or lacks {missing}")
    port = str(free_port())
    inputs = {name: str(given.get(name, entry.get("default", ""))).replace("4000", port) for name, entry in declared.items()}
    inputs["setup"] = "python3 -c 'import aiohttp, socketio'"
    if broken:
        inputs["start"] = "BROKEN=1 " + inputs["start"]
    work = copy_of_example(folder / "example")
    for step in workflow["jobs"]["replay"]["steps"]:
        if "run" not in step or step["name"] == "Install tapedeck":
            continue
        names = {name: substituted(value, inputs) for name, value in step.get("env", {}).items()}
        print(f"--- {step['name']}", flush=True)
        # the shell that GitHub gives a step
        status = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]], cwd=work,
            env=environment(tapedeck, CI="true", RUNNER_TEMP=str(folder), **names)).returncode
        if status:
            sys.exit(status)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["page", "workflow"])
    parser.add_argument("tapedeck", type=pathlib.Path)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--broken", action="store_true")
    options = parser.parse_args()
    # a test's threads block signals, and what is started from there would never hear of a `kill`
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    if options.what == "page":
        follow(options.tapedeck.resolve(), options.folder)
    else:
        run_workflow(options.tapedeck.resolve(), options.folder, options.broken)


if __name__ == "__main__":
    main()
