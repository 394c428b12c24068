"""Runs offcut as a user does. Two variables of the environment locate it: OFFCUT is the program, OFFCUT_SOURCE the source tree."""
import fcntl
import os
import pathlib
import pty
import signal
import struct
import subprocess
import tempfile
import termios
import unittest

PROGRAM = os.environ["OFFCUT"]
SOURCE = pathlib.Path(os.environ["OFFCUT_SOURCE"])
TIMEOUT_S = 120  # Far more than any call takes, even with sanitizers.
# A background job of a shell ignores SIGINT, and so would the programs that it starts.
signal.signal(signal.SIGINT, signal.default_int_handler)
RESULTS = ["summary.csv", "requests.csv", "plan.csv", "tiers.csv", "links.csv", "classes.csv", "energy.csv", "resolved.yaml"]

# Two layers with known times, so that nothing is computed. A run simulates for about a millisecond.
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
# Profiles of two models, for a device to be fitted to.
TWO_PROFILES = """\
model,layer,operator,median_s,macs,activation_bytes
one,a,Conv,0.001,1000000,4000
one,b,Relu,0.0001,0,2000
two,a,Conv,0.002,2000000,4000
two,b,Relu,0.0002,0,4000
"""


def offcut(*arguments, cwd=SOURCE, **options):
    """Returns the finished process, with its texts in .stdout and .stderr. A text that is not UTF-8 fails."""
    return subprocess.run([PROGRAM, *map(str, arguments)], cwd=cwd, capture_output=True, encoding="utf-8",
                          timeout=TIMEOUT_S, check=False, stdin=subprocess.DEVNULL, **options)


class Terminal:
    """A terminal of so many columns, 0 if it does not know. `end` is for a child's standard output or error."""

    def __init__(self, columns):
        try:
            self._master, self.end = pty.openpty()
        except OSError as error:  # As in a chroot without /dev/pts.
            raise unittest.SkipTest(f"no terminal can be made here: {error}") from error
        attributes = termios.tcgetattr(self.end)
        attributes[1] &= ~termios.OPOST  # Lines end in "\n", not in "\r\n".
        termios.tcsetattr(self.end, termios.TCSANOW, attributes)
        fcntl.ioctl(self.end, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))

    def wait(self):
        """Returns the first bytes that are written."""
        return os.read(self._master, 65536)

    def read(self):
        """Returns all that was written until the last child that has the end is gone."""
        os.close(self.end)
        seen = b""
        try:
            while chunk := os.read(self._master, 65536):
                seen += chunk
        except OSError:  # The other end is closed.
            pass
        os.close(self._master)
        return seen.decode()


def on_terminal(*arguments, columns=80, cwd=SOURCE, **variables):
    """Returns the exit code and the text of a call whose output and errors go to a terminal. `variables` extend the environment,
    which has neither COLUMNS nor NO_COLOR."""
    environment = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "NO_COLOR")}
    terminal = Terminal(columns)
    with subprocess.Popen([PROGRAM, *map(str, arguments)], cwd=cwd, stdin=subprocess.DEVNULL, stdout=terminal.end,
                          stderr=terminal.end, env={**environment, "TERM": "xterm", **variables}) as process:
        text = terminal.read()
        return process.wait(TIMEOUT_S), text


class InFolder(unittest.TestCase):
    """A test in a folder of its own, with small.yaml and its layers.csv. offcut runs there."""

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
        """Returns standard output of a call that must succeed without a message."""
        result = self.run_here(*arguments)
        self.assertEqual((result.returncode, result.stderr), (0, ""), arguments)
        return result.stdout

    def refuse(self, *arguments):
        """Returns standard error of a call that must be refused: exit code 2, nothing printed, nothing written."""
        before = self.files()
        result = self.run_here(*arguments)
        self.assertEqual((result.returncode, result.stdout), (2, ""), f"{arguments}: {result.stderr}")
        self.assertEqual(self.files(), before, arguments)
        return result.stderr

    def files(self, below="."):
        """Returns all paths below, hidden ones, too."""
        return sorted(str(path.relative_to(self.folder / below)) for path in (self.folder / below).rglob("*"))
