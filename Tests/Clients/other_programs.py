"""Asks a tape, while it is being recorded, with Datasette and DuckDB: other_programs.py TAPE. Prints what each has counted."""

import json
import pathlib
import subprocess
import sys
import urllib.parse

import duckdb
from duckdb_extensions import import_extension

tape = pathlib.Path(sys.argv[1])
VIEWS = [
    "runs", "connections", "sessions", "packets", "attachments", "events", "acks", "room_changes", "room_members", "gaps",
    "markers", "drops", "deliveries", "event_totals", "rooms",
]


def datasette(sql):
    query = urllib.parse.urlencode({"sql": sql, "_shape": "arrays"})
    command = [sys.executable, "-m", "datasette", str(tape), "--get", f"/{tape.stem}.json?{query}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    if done.returncode:
        sys.exit(f"datasette: {done.stderr}{done.stdout}")
    return json.loads(done.stdout)["rows"]


connection = duckdb.connect()
import_extension("sqlite_scanner", con=connection)
connection.execute("LOAD sqlite_scanner")
connection.execute(f"ATTACH '{tape}' AS tape (TYPE sqlite, READ_ONLY)")


def duck(sql):
    return connection.execute("SELECT * FROM sqlite_query('tape', ?)", [sql]).fetchall()


for name, ask in [("datasette", datasette), ("duckdb", duck)]:
    for view in VIEWS:
        ask(f"SELECT count(*) AS n FROM {view}")
    first = int(ask("SELECT count(*) AS n FROM packets WHERE event = 'echo'")[0][0])
    while int(ask("SELECT count(*) AS n FROM packets WHERE event = 'echo'")[0][0]) <= first:
        pass
    print(f"{name} saw the tape grow")
