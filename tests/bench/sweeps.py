#!/usr/bin/python3
"""Measures sweeps of a small scenario: wall time on one process, on two, and on two MPI ranks; the overhead of a point; and
whether all of them, a sweep that is killed again and again, and shards that are joined, give the same bytes.
Usage: OFFCUT=build/release/offcut OFFCUT_SOURCE=. tests/bench/sweeps.py [POINTS] [REQUESTS]"""
import hashlib
import os
import pathlib
import random
import resource
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "sim/cli"))
from program import PROGRAM, SCENARIO, TABLE  # noqa: E402

POINTS, REQUESTS = (int(a) for a in (sys.argv[1:] + ["1000", "1000"][len(sys.argv) - 1:]))
MPIRUN = ["mpirun", "--allow-run-as-root", "--oversubscribe", "-np", "2"]


def digest(folder):
    return [hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in ("sweep.csv", "points.csv")]


def timed(title, *command, cwd):
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run(command, cwd=cwd, check=True, stdout=subprocess.DEVNULL)
    wall, after = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"{title}: {wall:.2f} s, {cpu:.2f} s of CPU, {cpu / POINTS * 1e3:.2f} ms of CPU per point", flush=True)
    return wall


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "small.yaml").write_text(SCENARIO.replace("cloud-only, compare: [device-only]", "cloud-only"))
        (folder / "layers.csv").write_text(TABLE)
        for file, requests in (("one", 1), ("sweep", REQUESTS)):
            (folder / f"{file}.yaml").write_text(
                f"base: small.yaml\nset: {{stop.requests: {requests}, plan.compare: none}}\n"
                f"vary:\n  network.device-cloud.up: {{from: 1 Mbit/s, to: 2 Mbit/s, points: {POINTS}}}\n")
        sweep = [PROGRAM, "sweep", "sweep.yaml"]
        timed("one request, -j1", PROGRAM, "sweep", "one.yaml", "-j", "1", "--out", "one", cwd=folder)
        single = timed("-j1", *sweep, "-j", "1", "--out", "j1", cwd=folder)
        for title, command in [("-j2", [*sweep, "-j", "2"]), ("mpirun -np 2", [*MPIRUN, *sweep])]:
            wall = timed(title, *command, "--out", title[-1:] + title[0], cwd=folder)
            print(f"  {single / wall:.2f} times as fast as -j1;",
                  "same bytes" if digest(folder / (title[-1:] + title[0])) == digest(folder / "j1") else "OTHER BYTES")
        chance, kills = random.Random(1), 0
        while kills < 20:
            process = subprocess.Popen([*sweep, "--resume", "--out", "killed"], cwd=folder, stdout=subprocess.DEVNULL)
            time.sleep(chance.uniform(0.1, 1.5 * single / 40 + 0.2))
            if process.poll() is not None:
                break
            process.kill()
            process.wait()
            kills += 1
        subprocess.run([*sweep, "--resume", "--out", "killed"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        print(f"killed {kills} times:", "same bytes" if digest(folder / "killed") == digest(folder / "j1") else "OTHER BYTES")
        for shard in range(1, 17):
            subprocess.run([*sweep, "--shard", f"{shard}/16", "--out", f"part-{shard}"], cwd=folder, check=True,
                           stdout=subprocess.DEVNULL)
        subprocess.run([PROGRAM, "sweep", "--merge", *(f"part-{i}" for i in range(1, 17)), "--out", "all"], cwd=folder,
                       check=True, stdout=subprocess.DEVNULL)
        print("16 shards:", "same bytes" if digest(folder / "all") == digest(folder / "j1") else "OTHER BYTES")


if __name__ == "__main__":
    assert os.environ.get("OFFCUT_SOURCE"), "OFFCUT and OFFCUT_SOURCE locate the program and the source tree"
    main()
