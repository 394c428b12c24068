"""Tiers that run `offcut serve`, for tests: on loopback, or in the namespaces of a test bench."""
import collections
import csv
import json
import os
import pathlib
import re
import subprocess
import time

SOURCE = pathlib.Path(os.environ.get("OFFCUT_SOURCE", pathlib.Path(__file__).parents[2]))
PROGRAM = os.environ.get("OFFCUT", SOURCE / "build/release/offcut")
PATIENCE_S = 60
TOKEN = "rig"


def split(model, cut, folder):
    """Writes 0-device.onnx and 1-cloud.onnx into the folder."""
    subprocess.run([PROGRAM, "split", model, "--cut", cut, "--out", folder, "--quiet"], check=True,
                   stdout=subprocess.DEVNULL)


def wait_until(is_true, what):
    deadline = time.monotonic() + PATIENCE_S
    while not is_true():
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {PATIENCE_S} s")
        time.sleep(0.01)


class Tier:
    """A process of `offcut serve`, which may be killed and started again. `network` is None for loopback."""

    def __init__(self, name, log, arguments, network=None, cores=None):
        self.name, self.log, self.arguments, self.network, self.cores = name, log, arguments, network, cores
        self.process = None

    def start(self):
        command = [str(word) for word in (PROGRAM, "serve", *self.arguments, "--token", TOKEN)]
        with open(self.log, "a") as log:
            log.write("started\n")
            log.flush()
            if self.network:
                self.process = self.network.start(self.name, command, self.cores, stdout=log, stderr=log)
            else:
                self.process = subprocess.Popen(command, stdout=log, stderr=log)
        return self

    def says(self, pattern):
        """Waits until the latest process has printed this, and returns the match."""
        def find():
            return re.search(pattern, self.text().rpartition("started\n")[2])

        def is_there():
            if not find() and self.process.poll() is not None:
                raise AssertionError(f"{self.name} ended: {self.text()}")
            return find()
        wait_until(is_there, f"{self.name} prints '{pattern}'")
        return find()

    def text(self):
        return self.log.read_text()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def end(self, patience_s=PATIENCE_S):
        """Waits for the process to end by itself, and returns its exit code."""
        return self.process.wait(patience_s)

    def resident_bytes(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) * 1024

    def close(self):
        if self.process and self.process.poll() is None:
            self.kill()


class Measured:
    """What a device wrote: how each request ended."""

    def __init__(self, folder):
        with open(folder / "requests.csv", newline="") as file:
            self.rows = list(csv.DictReader(file))
        self.json = json.loads((folder / "measured.json").read_text())
        self.outcomes = collections.Counter(row["outcome"] for row in self.rows)
        self.numbers = {row["request"] for row in self.rows}

    def completed(self):
        return [row for row in self.rows if row["outcome"] == "completed"]
