#!/usr/bin/python3
"""Tests scenarios/sweep_alexnet.sh, and analysis/plots/latency_over_bandwidth.py on its result.

OFFCUT in the environment names the program.
"""

import csv
import os
import subprocess
import sys
import tempfile
import unittest
import xml.dom.minidom
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
SWEEP = ROOT / "scenarios/sweep_alexnet.sh"
PLOT = ROOT / "analysis/plots/latency_over_bandwidth.py"
BIT_PER_S = ["1000000", "18880000", "100000000"]

# A stand-in for offcut: names with commas, quotes and line breaks, and a plan that was declined.
AWKWARD = r"""#!/bin/bash
out=${@: -1}
mkdir -p "$out"
printf '%s\n' 'algorithm,layer,tier' 'a,"say ""conv"",' '1",device' 'a,fc,cloud' 'b,fc,cloud' >"$out/plan.csv"
printf '%s\n' 'scenario,algorithm,outcome' '"x, y",a,completed' 'x,b,"two' 'lines"' 'x,c,"declined: p, q"' \
  >"$out/summary.csv"
"""


def run(*command, **environment):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True,
                          env={**os.environ, **environment}, check=False)


def sweep(out, *bandwidths, **environment):
    return run(SWEEP, out, *bandwidths, **environment)


def plot(*arguments):
    return run(sys.executable, PLOT, *arguments)


def read(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


class WithFolder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def program(self, text):
        path = self.folder / "program"
        path.write_text(text, encoding="utf-8")
        path.chmod(0o755)
        os.utime(path, (1, 1))  # Older than any result.
        return path


class SweepTest(WithFolder):
    def test_joins_the_summaries_with_the_cut_of_each_plan(self):
        out = self.folder / "out"
        done = sweep(out, "18.88", "1", "100", "1.0")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

        rows = read(out / "sweep.csv")
        self.assertEqual(len(rows), 9)
        summary = list(read(out / "1000000/summary.csv")[0])
        self.assertEqual(list(rows[0]), ["uplink_bit_per_s", *summary, "cut_after"])
        self.assertEqual([row["uplink_bit_per_s"] for row in rows[::3]], BIT_PER_S)
        cuts = {row["algorithm"]: [] for row in rows}
        for row in rows:
            cuts[row["algorithm"]].append(row["cut_after"])
        self.assertEqual(cuts, {"neurosurgeon": ["prob", "pool5", "input"], "device-only": ["prob"] * 3,
                                "cloud-only": ["input"] * 3})
        self.assertEqual(sorted(p.name for p in out.iterdir()), sorted([*BIT_PER_S, "sweep.csv"]))

    def test_resumes_a_sweep(self):
        out = self.folder / "out"

        def made():
            return [(out / b / "summary.csv").stat().st_mtime_ns for b in BIT_PER_S]

        sweep(out, 1, 18.88, 100)
        before, joined = made(), (out / "sweep.csv").read_bytes()
        (out / "18880000/summary.csv").unlink()
        self.assertEqual(sweep(out, 1, 18.88, 100).returncode, 0)
        after = made()
        self.assertEqual([after[0], after[2]], [before[0], before[2]])
        self.assertGreater(after[1], before[1])
        self.assertEqual((out / "sweep.csv").read_bytes(), joined)

    def test_quotes_fields_that_need_quotes(self):
        out = self.folder / "out"
        done = sweep(out, 1, 2, OFFCUT=str(self.program(AWKWARD)))
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        rows = [list(row.values()) for row in read(out / "sweep.csv")]
        self.assertEqual(rows[:3], [["1000000", "x, y", "a", "completed", 'say "conv",\n1'],
                                    ["1000000", "x", "b", "two\nlines", "input"],
                                    ["1000000", "x", "c", "declined: p, q", ""]])
        self.assertEqual([row[1:] for row in rows[3:]], [row[1:] for row in rows[:3]])

    def test_a_failed_run_ends_it_and_leaves_nothing_half_written(self):
        out = self.folder / "out"
        done = sweep(out, 1, OFFCUT=str(self.program("#!/bin/bash\necho no memory >&2\nexit 1\n")))
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertEqual(done.stderr, "sweep_alexnet.sh: the run at 1000000 bit/s failed: no memory\n")
        self.assertEqual(list(out.iterdir()), [])

    def test_reports_invalid_arguments(self):
        for arguments in [[], ["--output"], [self.folder / "out", "fast"], [self.folder / "out", "0"]]:
            done = run(SWEEP, *arguments)
            self.assertEqual(done.returncode, 2, arguments)
            self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        self.assertFalse((self.folder / "out").exists())


class PlotTest(WithFolder):
    HEADER = "uplink_bit_per_s,algorithm,latency_mean_s,planned_latency_s,cut_after"

    def setUp(self):
        super().setUp()
        self.csv = self.folder / "sweep.csv"
        self.picture = self.folder / "picture.png"

    def write(self, header, rows):
        self.csv.write_text("\n".join([header, *rows, ""]), encoding="utf-8")

    @staticmethod
    def rows():
        """By hand: 80 ms on the device; cut after pool5, 20 ms and 0.3 Mbit to send; in the cloud, 5 ms and 1.2
        Mbit. 80 = 20 + 300 / B at B = 5 Mbit/s; 20 + 300 / B = 5 + 1200 / B at 60 Mbit/s.
        """
        plans = {"prob": (0.080, 0), "pool5": (0.020, 0.3e6), "input": (0.005, 1.2e6)}
        rows = []
        for mbit in [1, 2, 4, 10, 20, 40, 100, 200]:
            latency = {cut: fixed + bits / (mbit * 1e6) for cut, (fixed, bits) in plans.items()}
            best = min(latency, key=latency.get)
            for name, cut in [("neurosurgeon", best), ("device-only", "prob"), ("cloud-only", "input")]:
                rows.append(f"{mbit}e6,{name},{latency[cut] * 1.01},{latency[cut]},{cut}")
        return rows

    def refused(self, message):
        before = sorted(self.folder.iterdir())
        done = plot(self.csv, self.picture)
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertEqual(done.stderr.rstrip("\n"), message.format(self.csv))
        self.assertEqual(sorted(self.folder.iterdir()), before)

    def test_draws_the_result_of_a_sweep(self):
        sweep(self.folder / "out", 1, 18.88, 100)
        done = plot(self.folder / "out/sweep.csv", self.picture)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
        png = self.picture.read_bytes()
        self.assertTrue(png.startswith(b"\x89PNG\r\n\x1a\n") and png.endswith(b"IEND\xaeB`\x82"))

    def test_shows_where_the_chosen_plan_cuts(self):
        self.write(self.HEADER, self.rows())
        svg = self.folder / "picture.svg"
        done = plot(self.csv, svg)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
        xml.dom.minidom.parse(str(svg))
        texts = svg.read_text(encoding="utf-8")  # matplotlib draws the letters, with the text in a comment.
        for text in ["all on the device", "cut after pool5", "all in the cloud", "5 Mbit/s", "60 Mbit/s"]:
            self.assertIn(f"<!-- {text} -->", texts)

    def test_states_changes_no_more_precisely_than_the_points_do(self):
        self.write(self.HEADER, [row for row in self.rows() if row.startswith(("1e6", "20e6", "100e6"))])
        svg = self.folder / "picture.svg"
        self.assertEqual(plot(self.csv, svg).stderr, "")
        for text in ["1–20 Mbit/s", "20–100 Mbit/s"]:  # One point of each cut does not determine the change.
            self.assertIn(f"<!-- {text} -->", svg.read_text(encoding="utf-8"))

    def test_same_csv_same_bytes(self):
        self.write(self.HEADER, self.rows())
        for ending in ["png", "svg"]:
            pictures = [self.folder / f"{name}.{ending}" for name in ("first", "second")]
            for picture in pictures:
                self.assertEqual(plot(self.csv, picture).returncode, 0)
            self.assertEqual(pictures[0].read_bytes(), pictures[1].read_bytes())

    def test_names_a_missing_column(self):
        self.write(self.HEADER.replace("planned_latency_s", "planned_latency_ms"), self.rows())
        self.refused("{}:1: there is no column 'planned_latency_s'; did you mean 'planned_latency_ms'?")

    def test_reports_the_line_of_an_invalid_value(self):
        rows = self.rows()
        for value in ["soon", "nan", "0"]:
            self.write(self.HEADER, [rows[0], f"1e6,device-only,{value},0.08,prob", *rows[2:]])
            self.refused(f"{{}}:3: latency_mean_s is '{value}', expected a number above 0")
        self.write(self.HEADER, [rows[0], "1e6,device-only", *rows[2:]])
        self.refused("{}:3: expected the 5 fields of the header")
        self.write(self.HEADER, [rows[0], rows[0], *rows[1:]])
        self.refused("{}:3: neurosurgeon is already given at 1000000 bit/s")

    def test_names_a_missing_plan(self):
        self.write(self.HEADER, [row for row in self.rows() if "cloud-only" not in row])
        self.refused("{}: cloud-only has a latency at fewer than two bandwidths")
        self.write(self.HEADER, [row for row in self.rows() if "neurosurgeon" not in row])
        self.refused("{}: there is no plan other than device-only and cloud-only")

    def test_skips_declined_plans(self):
        rows = self.rows()
        self.write(self.HEADER, ["1e6,neurosurgeon,,,", *rows[1:]])
        self.assertEqual(plot(self.csv, self.picture).stderr, "")

    def test_refuses_a_file_that_is_not_csv(self):
        self.refused("{}: No such file or directory")
        self.csv.write_bytes(b"")
        self.refused("{}:1: there is no column 'uplink_bit_per_s'")
        self.csv.write_bytes(b"\x89PNG\r\n\x1a\n\xff")
        self.assertRegex(plot(self.csv, self.picture).stderr, "is not a CSV file in UTF-8")
        self.csv.unlink()
        self.csv.mkdir()
        self.refused("{}: Is a directory")

    def test_refuses_a_picture_that_cannot_be_written(self):
        self.write(self.HEADER, self.rows())
        done = plot(self.csv, self.folder / "nowhere/picture.png")
        self.assertEqual(done.returncode, 2)
        self.assertRegex(done.stderr, "nowhere/picture.png: cannot be written: No such file or directory\n$")
        self.assertEqual(plot(self.csv, self.folder / "picture.txt").returncode, 2)


if __name__ == "__main__":
    unittest.main()
