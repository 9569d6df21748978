"""`tapedeck` in processes of its own, for tests that must stop and start it."""

import contextlib
import pathlib
import signal
import subprocess
import sys


def tapedeck(executable, *arguments, port=0):
    """One of the commands that serve."""
    return serving(executable, *arguments, "--port", str(port))


def foreign(fault):
    """The playground on python-socketio with one fault in it."""
    script = pathlib.Path(__file__).parents[2] / "Foreign" / "playground.py"
    return serving(sys.executable, script, "--port", "0", "--fault", fault)


@contextlib.contextmanager
def serving(*command):
    """A server; gives its URL once it says that it listens, and ends it as a service manager would."""
    process = subprocess.Popen(
        [str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        line = process.stdout.readline()
        if not line.startswith("Listening on "):
            raise RuntimeError(f"{command} did not start: {line}")
        yield line.removeprefix("Listening on ").strip()
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def run(executable, *arguments):
    """A command to its end; returns its exit status."""
    return subprocess.run([executable, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=120).returncode
