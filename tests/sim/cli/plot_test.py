#!/usr/bin/python3
"""offcut plot from outside: files, formats, sizes, the same bytes each time, errors, and names that could do harm."""
import contextlib
import io
import os
import re
import shutil
import struct
import subprocess
import sys
import unittest
import unittest.mock
import xml.dom.minidom

from plot_results import KINDS, SmallResults  # It makes the modules below importable.
import draw
from offcut_plots.figures import line_style
from program import PROGRAM, SOURCE, TIMEOUT_S, offcut

DRAW = SOURCE / "analysis/plots/draw.py"
OF_RUN = ["energy-parts", "latency-cdf", "latency-parts", "usage-over-time"]


class Plot(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.results = SmallResults()
        cls.folder = cls.results.folder
        cls.addClassCleanup(cls.results.remove)

    def plot(self, *arguments, code=0, **options):
        """Returns standard output of a call that succeeds, or else standard error."""
        done = offcut("plot", *arguments, cwd=self.folder, **options)
        self.assertNotIn("Traceback", done.stderr)
        self.assertEqual(done.returncode, code, (arguments, done.stderr))
        self.assertEqual(done.stderr if code == 0 else done.stdout, "", arguments)
        return done.stdout if code == 0 else done.stderr

    def refuse(self, *arguments, **options):
        before = sorted(self.folder.rglob("*"))
        text = self.plot(*arguments, code=2, **options)
        self.assertEqual(sorted(self.folder.rglob("*")), before)
        return text

    def refuse_drawing(self, results, **options):
        """The error that draw.py, to which the program hands over, prints. Called here, it needs no second to start."""
        arguments = [f"--{name}={value}" for name, value in options.items()]
        before = sorted(self.folder.rglob("*"))
        error = io.StringIO()
        with unittest.mock.patch.object(sys, "argv", ["draw.py", *arguments, "--out=none", "--", str(results)]), \
                contextlib.chdir(self.folder), contextlib.redirect_stderr(error):
            self.assertEqual(draw.main(), 2)
        self.assertEqual(sorted(self.folder.rglob("*")), before)
        return error.getvalue()

    def copy(self, name, **changed):
        """Returns a copy of results with other texts in some files: requests="..." is that of requests.csv."""
        target = self.folder / f"copy-{self.id().rpartition('.')[2]}"
        shutil.copytree(self.folder / name, target)
        self.addCleanup(shutil.rmtree, target)
        for file, text in changed.items():
            (target / f"{file}.csv").write_text(text, encoding="utf-8")
        return target

    def text(self, name):
        return (self.folder / name).read_text(encoding="utf-8")


class Files(Plot):
    def test_the_kinds_that_apply_are_drawn_in_three_formats(self):
        said = self.plot("run", "--format", "svg", "--format", "png", "--format", "pdf", "--out", "three")
        names = [f"{kind}.{ending}" for kind in OF_RUN for ending in ("svg", "png", "pdf")]
        self.assertEqual(said, f"plots: three/{', '.join(names)}\n")
        self.assertEqual(sorted(path.name for path in (self.folder / "three").iterdir()), sorted(names))
        for kind in OF_RUN:
            svg = xml.dom.minidom.parse(str(self.folder / f"three/{kind}.svg")).documentElement
            self.assertEqual(svg.getAttribute("width"), "252pt")  # 3.5 in.
            png = (self.folder / f"three/{kind}.png").read_bytes()
            self.assertEqual(png[:8], b"\x89PNG\r\n\x1a\n")
            self.assertEqual(struct.unpack(">I", png[16:20])[0], 1050)  # 3.5 in at 300 dpi.
            pdf = (self.folder / f"three/{kind}.pdf").read_bytes()
            self.assertTrue(pdf.startswith(b"%PDF") and b"/FontFile2" in pdf and b"/Type3" not in pdf)
        again = self.plot("run", "--format", "svg", "--format", "png", "--format", "pdf", "--out", "again")
        self.assertEqual(again, said.replace("three", "again"))
        for name in names:
            self.assertEqual((self.folder / "three" / name).read_bytes(), (self.folder / "again" / name).read_bytes(), name)

    def test_every_kind_applies_to_some_results(self):
        said = ""
        for name in ["train", "sweep", "plan", "uplinks", "measured.csv", "steps.csv", "layers-alone.csv"]:
            said += self.plot(name, "--out", "all", "--width", "double")
        drawn = set(re.findall(r"[\w.-]+\.svg", said))
        kinds = {kind for kind in KINDS if any(re.match(rf"{kind}(-\w+)?\.svg$", name) for name in drawn)}
        self.assertEqual(kinds, set(KINDS) - (set(OF_RUN) - {"energy-parts"}))
        self.assertIn('width="515.52pt"', self.text("all/training.svg"))

    def test_the_default_folder_is_in_the_results(self):
        self.assertEqual(self.plot("train", "--kind", "training"), "plots: train/plots/training.svg\n")
        self.assertEqual(self.plot("train", "--kind", "training", "-q"), "")
        self.plot("train", "run", "--kind", "energy-parts")
        self.assertTrue((self.folder / "results/plots/energy-parts.svg").exists())

    def test_pictures_of_several_results_have_their_names(self):
        (self.folder / "other").symlink_to("run")
        self.addCleanup((self.folder / "other").unlink)
        copy = self.copy("run")
        said = self.plot("run", copy, "--kind", "usage-over-time", "--kind", "latency-parts", "--out", "two")
        self.assertEqual(said, f"plots: two/usage-over-time-run.svg, usage-over-time-{copy.name}.svg, latency-parts.svg\n")
        self.assertEqual(self.refuse("run", "other"), "other: error: is given twice\n")

    def test_the_list_of_plots_has_every_kind(self):
        text = offcut("list", "plots").stdout
        self.assertEqual([line.split()[0] for line in text.splitlines()[1:] if line[:1].isalpha()], sorted(KINDS))


class Errors(Plot):
    def test_arguments(self):
        self.assertEqual(self.refuse("none", "run", "--kind", "latency-cfd", "--format", "jpg", "--width", "tripple"),
                         "none: error: does not exist\n"
                         "--kind: error: unknown kind 'latency-cfd'; did you mean 'latency-cdf'?\n"
                         "--format: error: unknown format 'jpg'; valid: svg, png, pdf\n"
                         "--width: error: unknown width 'tripple'; valid: single, double\n")
        self.assertEqual(self.refuse("/dev/null"), "/dev/null: error: expected a folder of results, or a CSV file\n")
        self.assertEqual(self.refuse("run", "--out", "small.yaml"),
                         "small.yaml: error: can't be used as a folder for plots: Not a directory\n")
        self.assertEqual(self.refuse("run", "--out", "/proc/none"),
                         "/proc/none: error: can't be used as a folder for plots: No such file or directory\n")
        self.assertEqual(self.refuse_drawing("sweep", figure="latency_p98_s"),
                         "--figure: error: sweep/points.csv has no figure 'latency_p98_s'; did you mean 'latency_p99_s'?\n")

    def test_a_kind_that_does_not_apply_says_why(self):
        for kind, results, reason in [
                ("latency-cdf", "plan", "plan: error: there is no requests.csv"),
                ("sweep-lines", "run", "run: error: there is no points.csv"),
                ("training", "run", "run: error: there is no rounds.csv"),
                ("codecs", "steps.csv", "steps.csv: error: is not a codecs.csv"),
                ("latency-parts", "train", "train/summary.csv: error: column 'latency_mean_s' is empty: no request was answered"),
                ("latency-over-bandwidth", "sweep", "sweep/sweep.csv: error: there is no column 'uplink_bit_per_s'")]:
            with self.subTest(kind):
                self.assertEqual(self.refuse_drawing(results, kind=kind), f"{reason}\n")
        (self.folder / "empty").mkdir()
        self.assertRegex(self.refuse_drawing("empty"), "^empty: error: no kind of plot applies; ")

    def test_damaged_tables(self):
        requests = self.text("run/requests.csv")
        header, first, *rest = requests.splitlines()
        place = header.split(",").index("latency_s")
        soon = ",".join("soon" if i == place else field for i, field in enumerate(first.split(",")))
        for text, error in [
                (f"{header}\n{soon}\n", r":2: error: latency_s is 'soon', expected a number"),
                (f"{header}\n{first}\n{soon.replace('soon', 'inf')}\n", r":3: error: latency_s is 'inf', expected a number"),
                (f"{header}\n{first}\n1,2\n", rf":3: error: expected the {len(header.split(','))} fields of the header, got 2"),
                (header.replace("latency_s", "latency_ms"), ": error: there is no column 'latency_s'; did you mean 'latency_ms'\\?"),
                (f"{header}\n", ": error: there is no row below the header"),
                ("", ": error: there is no column 'latency_s'"),
                (f'{header}\n"', ":2: error: not a CSV file in UTF-8: .*")]:
            with self.subTest(error):
                copy = self.copy("run", requests=text)
                self.assertRegex(self.refuse_drawing(copy, kind="latency-cdf"), rf"^{copy}/requests.csv{error}\n$")
                self.doCleanups()
        copy = self.copy("run")
        (copy / "requests.csv").write_bytes(b"\x89PNG\r\n\x1a\n\xff")
        self.assertRegex(self.refuse(copy), "requests.csv:1: error: not a CSV file in UTF-8: ")

    def test_without_python_or_its_packages(self):
        self.assertEqual(self.refuse("run", env={**os.environ, "OFFCUT_PYTHON": "/none/python3"}),
                         "offcut plot: error: needs Python, and '/none/python3' cannot be run (No such file or directory): install "
                         "Debian's packages python3, python3-matplotlib and python3-pandas\n")
        # Without the module `site`, Python does not look where Debian's packages are.
        done = subprocess.run([sys.executable, "-I", "-S", "-B", DRAW, "run", "--out", "x"], cwd=self.folder, capture_output=True,
                              encoding="utf-8", timeout=TIMEOUT_S, check=False)
        self.assertEqual((done.returncode, done.stdout, done.stderr),
                         (2, "", "offcut plot: error: Python has no module 'matplotlib': install Debian's package python3-matplotlib\n"))

    def test_a_full_disk_loses_output(self):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([PROGRAM, "plot", "train", "--kind", "training"], cwd=self.folder, stdout=full,
                                  stderr=subprocess.PIPE, encoding="utf-8", timeout=TIMEOUT_S, check=False)
        self.assertEqual((done.returncode, done.stderr),
                         (1, "standard output: error: cannot be written: No space left on device\n"))

    def test_settings_of_the_user_have_no_influence(self):
        self.plot("train", "--kind", "training", "--out", "plain")
        for name, text in [("matplotlibrc", "lines.linewidth: 9\n"), ("pandas.py", "raise ValueError\n")]:
            (self.folder / name).write_text(text, encoding="utf-8")
        hostile = {**os.environ, "MPLBACKEND": "none", "PYTHONPATH": str(self.folder), "MATPLOTLIBRC": str(self.folder),
                   "HOME": "/proc/none", "LC_ALL": "C", "PYTHONHOME": "/none"}
        self.plot("train", "--kind", "training", "--out", "hostile", env=hostile)
        self.assertEqual(self.text("plain/training.svg"), self.text("hostile/training.svg"))


class Names(Plot):
    HOSTILE = ["$x^2$", "_hidden", "<script>alert(1)</script>", "a--b-->", "line\nend\x1b[31m", "", "\u202eright to left", "x" * 200,
               "x" * 100 + "y" + "x" * 99, "100 % & 'quoted'"]

    def requests(self, names):
        def quoted(name):
            return '"' + name.replace('"', '""') + '"'
        return "latency_s,algorithm\n" + "".join(f"{0.01 * (i + k + 1)},{quoted(name)}\n" for i, name in enumerate(names) for k in range(5))

    def test_hostile_names_do_no_harm(self):
        copy = self.copy("run", requests=self.requests(self.HOSTILE))
        self.plot(copy, "--kind", "latency-cdf", "--format", "svg", "--format", "pdf", "--format", "png", "--out", "hostile")
        xml.dom.minidom.parse(str(self.folder / "hostile/latency-cdf.svg"))
        (figure,) = self.results.pictures("latency-cdf", copy)
        legend = [text.get_text() for text in figure.legends[0].get_texts()]
        self.assertEqual(len(set(legend)), len(self.HOSTILE))
        self.assertLessEqual(max(map(len, legend)), 40)
        self.assertEqual(legend[:3], ["$x^2$", "\u200b_hidden", "<script>alert(1)</script>"])
        self.assertIn("line\\u000aend\\u001b[31m", legend)

    def test_too_many_plans(self):
        copy = self.copy("run", requests=self.requests([f"plan {i}" for i in range(20)]))
        (figure,) = self.results.pictures("latency-cdf", copy)
        self.assertEqual(figure.legends[0].get_title().get_text(), "the first 16 of 20")
        self.assertEqual(len(figure.axes[0].get_lines()), 16)
        self.assertEqual(len({str(line_style(index)) for index in range(64)}), 64)

    def test_one_answer(self):
        copy = self.copy("run", requests="latency_s\n0.25\n")
        (figure,) = self.results.pictures("latency-cdf", copy)
        (line,) = figure.axes[0].get_lines()
        self.assertEqual((list(line.get_xdata()), list(line.get_ydata())), ([250, 250], [0, 1]))
        self.plot(copy, "--kind", "latency-cdf", "--out", "one")

    def test_legends_hide_no_data_and_fit_the_page(self):
        for kind, name in [("latency-cdf", "run"), ("energy-parts", "run"), ("sweep-lines", "sweep"), ("codecs", "measured.csv")]:
            figure = self.results.pictures(kind, name)[0]
            figure.draw_without_rendering()
            legend = figure.legends[0].get_window_extent()
            for panel in figure.axes:
                self.assertGreaterEqual(panel.get_tightbbox().y0 + 1, legend.y1, (kind, panel.get_title()))
            width, height = figure.get_size_inches() * figure.dpi
            for box in [legend, *(panel.get_tightbbox() for panel in figure.axes)]:
                self.assertGreaterEqual(min(box.x0, box.y0) + 1, 0, kind)
                self.assertTrue(box.x1 <= width + 1 and box.y1 <= height + 1, kind)


if __name__ == "__main__":
    unittest.main()
