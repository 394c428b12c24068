"""Small results for the tests of plots, made by offcut once for each test program, and their rows."""
import csv
import os
import pathlib
import subprocess
import sys
import tempfile

from program import SCENARIO, SOURCE, TABLE, offcut

sys.path.insert(0, str(SOURCE / "analysis/plots"))
import offcut_plots  # noqa: E402,F401  # pylint: disable=wrong-import-position,unused-import
from offcut_plots.registry import Request, load_kinds  # noqa: E402  # pylint: disable=wrong-import-position
from offcut_plots.tables import make_results  # noqa: E402  # pylint: disable=wrong-import-position

KINDS = load_kinds()
SWEEP = """\
base: small.yaml
set: {stop.requests: 200, plan.compare: none, network.device-cloud.latency: 1 ms}
vary:
  network.device-cloud.up: [20, 400, 4000] kbit/s
  workload.rate: [1, 4] /s
compare: {far: {plan.algorithm: cloud-only}, near: {plan.algorithm: device-only}}
replications: 3
"""
TRAINING = """\
offcut: 1
tiers: {device: {is: raspberry-pi-4b, count: 3}, cloud: {is: t4}}
network: {device-cloud: {is: wifi}}
training: {model: softmax-regression, dataset: digits, strategy: {name: fedavg, rounds: 4, batch: 50, rate: 0.1}}
"""


class SmallResults:
    """A folder with results of all commands."""

    def __init__(self):
        self._temporary = tempfile.TemporaryDirectory(prefix="offcut-plots-")
        self.folder = pathlib.Path(self._temporary.name)
        for name, text in [("small.yaml", SCENARIO), ("layers.csv", TABLE), ("sweep.yaml", SWEEP), ("train.yaml", TRAINING)]:
            (self.folder / name).write_text(text, encoding="utf-8")
        self._call("run", SOURCE / "scenarios/quickstart.yaml", "--out", "run", "--set", "stop.requests=300", "--set",
                   "output={requests: all, series: {interval: 500 ms}}")
        self._call("run", "train.yaml", "--out", "train")
        self._call("sweep", "sweep.yaml", "--out", "sweep", "-j", "1")
        self._call("plan", SOURCE / "scenarios/neurosurgeon-alexnet.yaml", "--out", "plan", "--sensitivity",
                   "up=0.1..100 Mbit/s", "--pareto", "latency,energy")
        self._call("codecs", SOURCE / "models/data/digits/digits_cnn.onnx", "--cut", "fc1", "--codec", "int8", "--codec",
                   "int4+zstd", "--codec", "top-k", "--dataset", "digits", "--samples", "20", "--out", "measured.csv")
        self._call("compress", "zoo:softmax-regression", "--dataset", "digits", "--pass", "magnitude:rate=0.5", "--pass",
                   "kmeans:bits=4", "--log", "steps.csv", "--sensitivity", "layers-alone.csv", "--out", "small.onnx")
        program = {**os.environ, "OFFCUT": os.path.abspath(os.environ["OFFCUT"])}
        subprocess.run([SOURCE / "scenarios/sweep_alexnet.sh", self.folder / "uplinks", "1", "18.88", "100"], env=program,
                       check=True, capture_output=True)

    def _call(self, *arguments):
        done = offcut(*arguments, "-q", cwd=self.folder)
        assert (done.returncode, done.stdout) == (0, ""), done.stderr

    def rows(self, name):
        with open(self.folder / name, encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def pictures(self, kind, *names, figures=()):
        """Return what a kind draws of these results, as matplotlib's figures."""
        results = make_results([self.folder / name for name in names])
        return [picture.figure for picture in KINDS[kind].draw(Request(results, 3.5, list(figures)))]

    def remove(self):
        self._temporary.cleanup()
