"""Runs offcut as a user does. The environment says where it stands: OFFCUT (the program), OFFCUT_SOURCE (the source tree)."""
import os
import pathlib
import subprocess
import tempfile
import unittest

PROGRAM = os.environ["OFFCUT"]
SOURCE = pathlib.Path(os.environ["OFFCUT_SOURCE"])
TIMEOUT_S = 120  # far more than anything here takes, sanitizers included: beyond it, it hangs

# A millisecond of simulation: two layers whose times are known, so that nothing is computed.
TABLE = """\
layer,inputs,output_bytes,param_bytes,macs,phone_s,server_s
image,,1000,0,0,0,0
conv1,image,100,0,1000,0.01,0.001
fc1,conv1,10,0,1000,0.01,0.001
"""
SCENARIO = """\
offcut: 1
name: two layers
stop: {requests: 100}
model: {layers: layers.csv}
tiers:
  device: {is: "column:phone", count: 3}
  cloud: {is: "column:server"}
network:
  device-cloud: {up: 1 Mbit/s, down: 1 Mbit/s, latency: 10 ms}
plan: {algorithm: cloud-only, compare: [device-only]}
workload: {arrivals: poisson, rate: 5 /s}
"""


def offcut(*arguments, cwd=SOURCE, **options):
    """The finished process, with its texts in .stdout and .stderr. A text that is no UTF-8 fails."""
    return subprocess.run([PROGRAM, *map(str, arguments)], cwd=cwd, capture_output=True, encoding="utf-8",
                          timeout=TIMEOUT_S, check=False, stdin=subprocess.DEVNULL, **options)


class InFolder(unittest.TestCase):
    """A test with a folder of its own that holds small.yaml and its layers.csv, and where offcut runs."""

    maxDiff = None

    def setUp(self):
        temporary = tempfile.TemporaryDirectory(prefix="offcut-cli-")
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)
        (self.folder / "small.yaml").write_text(SCENARIO, encoding="utf-8")
        (self.folder / "layers.csv").write_text(TABLE, encoding="utf-8")

    def run_here(self, *arguments):
        return offcut(*arguments, cwd=self.folder)

    def succeed(self, *arguments):
        """Standard output of a call that must succeed in silence."""
        result = self.run_here(*arguments)
        self.assertEqual((result.returncode, result.stderr), (0, ""), arguments)
        return result.stdout

    def refuse(self, *arguments):
        """Standard error of a call that must be refused: exit code 2, nothing printed, nothing written."""
        before = self.files()
        result = self.run_here(*arguments)
        self.assertEqual((result.returncode, result.stdout), (2, ""), f"{arguments}: {result.stderr}")
        self.assertEqual(self.files(), before, arguments)
        return result.stderr

    def files(self, below="."):
        """All that stands below, hidden things too."""
        return sorted(str(path.relative_to(self.folder / below)) for path in (self.folder / below).rglob("*"))
