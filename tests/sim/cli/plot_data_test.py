#!/usr/bin/python3
"""offcut plot: what each kind draws, read back from the lines, bars and cells of its picture, is what the CSV files say."""
import itertools
import re
import statistics
import unittest

import numpy

from plot_results import KINDS, SmallResults
from program import SOURCE, offcut

SI = {"n": 1e-9, "µ": 1e-6, "m": 1e-3, "": 1, "k": 1e3, "M": 1e6}


def size_of_unit(label):
    """Returns the size of the unit in an axis' label: 0.001 for "Latency (ms)"."""
    unit = re.search(r"\((.*)\)$", label)[1]
    return 60 if unit == "min" else SI[unit[:-1]]


def lines_of(panel):
    """Returns (x, y) by label, of all lines that have one."""
    return {line.get_label(): (numpy.array(line.get_xdata(), float), numpy.array(line.get_ydata(), float))
            for line in panel.get_lines() if not line.get_label().startswith("_")}


def bars_of(panel):
    """Returns the widths of the bars of each part, by the part's label."""
    return {bars.get_label(): [bar.get_width() for bar in bars] for bars in panel.containers}


def legend_of(figure):
    return [text.get_text() for text in figure.legends[0].get_texts()]


class Data(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.results = SmallResults()
        cls.addClassCleanup(cls.results.remove)

    def close(self, drawn, expected, message=None):
        self.assertEqual(len(drawn), len(expected), message)
        numpy.testing.assert_allclose(drawn, expected, rtol=1e-9, atol=1e-12, err_msg=str(message))

    def test_all_kinds_are_tested(self):
        tested = {name.removeprefix("test_kind_") for name in dir(self) if name.startswith("test_kind_")}
        self.assertEqual(tested, {name.replace("-", "_") for name in KINDS})

    def test_kind_latency_cdf(self):
        (figure,) = self.results.pictures("latency-cdf", "run")
        (panel,) = figure.axes
        rows = self.results.rows("run/requests.csv")
        plans = list(dict.fromkeys(row["algorithm"] for row in rows))
        self.assertEqual(plans, ["multi-tier", "device-only", "edge-only", "cloud-only"])
        self.assertEqual(legend_of(figure), plans)
        for plan, (x, y) in lines_of(panel).items():
            latencies = [float(row["latency_s"]) for row in rows if row["algorithm"] == plan]
            self.assertEqual(len(x), len(latencies) + 1)
            self.assertEqual((y[0], list(y)), (0, sorted(y)))
            for at, share in zip(x[1:] * size_of_unit(panel.get_xlabel()), y[1:]):  # Some latencies are equal.
                self.assertLess(sum(value < at * (1 - 1e-12) for value in latencies), share * len(latencies))
                self.assertGreaterEqual(sum(value <= at * (1 + 1e-12) for value in latencies) + 1e-9, share * len(latencies))
            self.assertEqual((len(x), y[-1]), (len(latencies) + 1, 1))

    def test_kind_latency_parts(self):
        (figure,) = self.results.pictures("latency-parts", "run")
        (panel,) = figure.axes
        unit = size_of_unit(panel.get_xlabel())
        rows = self.results.rows("run/summary.csv")
        bars = bars_of(panel)
        self.close([sum(widths) * unit for widths in zip(*bars.values())], [float(row["latency_mean_s"]) for row in rows])
        for part, column in [("device: compute", "device_compute_mean_s"), ("upload", "upload_mean_s"),
                             ("upload: wait", "upload_wait_mean_s"), ("download", "download_mean_s")]:
            self.close(numpy.array(bars[part]) * unit, [float(row[column]) for row in rows], part)
        self.assertEqual([text.get_text() for text in panel.get_yticklabels()], [row["algorithm"] for row in rows])

    def test_kind_energy_parts(self):
        (figure,) = self.results.pictures("energy-parts", "run")
        rows = self.results.rows("run/energy.csv")
        self.assertEqual([panel.get_title("left") for panel in figure.axes], ["device", "edge", "cloud"])
        for panel in figure.axes:
            unit, bars = size_of_unit(panel.get_xlabel()), bars_of(panel)
            for state, part, prefix in [("busy", "machines", "busy"), ("idle", "machines", "idle"),
                                        ("radio: transfer", "radios", "transfer"), ("radio: tails", "radios", "tail")]:
                sums = {}
                for row in rows:
                    if row["tier"] == panel.get_title("left"):
                        matches = row["part"] == part and row["state"].startswith(prefix) and row["energy_j"]
                        sums[row["algorithm"]] = sums.get(row["algorithm"], 0) + (float(row["energy_j"]) if matches else 0)
                if any(sums.values()):
                    self.close(numpy.array(bars[state]) * unit, list(sums.values()), (panel.get_title("left"), state))

    def test_kind_usage_over_time(self):
        (figure,) = self.results.pictures("usage-over-time", "run")
        rows = self.results.rows("run/series.csv")
        cores = {row["tier"]: float(row["servers"]) for row in reversed(self.results.rows("run/tiers.csv"))}
        self.assertRegex(figure.axes[-1].get_xlabel(), "\nValues at the time of each sample$")
        for panel, value in zip(figure.axes, [lambda row: 100 * float(row["busy_cores"]) / cores[row["where"]],
                                              lambda row: float(row["waiting"]), lambda row: float(row["present"])]):
            self.assertGreater(len(lines_of(panel)), 1)
            for place, (x, y) in lines_of(panel).items():
                some = [row for row in rows if row["where"] == place]
                self.close(x, [float(row["time_s"]) for row in some])
                self.close(y, [value(row) for row in some], place)

    def test_long_runs_are_drawn_as_means(self):
        path = self.results.folder / "run/series.csv"
        text = path.read_text(encoding="utf-8")
        header, *rows = text.splitlines()
        path.write_text("\n".join([header, *(f"{t},edge,{t % 7},{t % 5},1,0,0,,,,," for t in range(1, 1001))]) + "\n", encoding="utf-8")
        try:
            panel = self.results.pictures("usage-over-time", "run")[0].axes[1]
        finally:
            path.write_text(text, encoding="utf-8")
        x, y = lines_of(panel)["edge"]
        groups = [[t for t in range(1, 1001)][i:i + 7] for i in range(0, 1000, 7)]
        self.assertEqual(panel.figure.axes[-1].get_xlabel(), "Simulated time (min)\nLines: means of 7 samples. Shades: least to greatest")
        self.close(x * 60, [statistics.fmean(group) for group in groups])
        self.close(y, [statistics.fmean(t % 5 for t in group) for group in groups])

    def test_kind_training(self):
        (figure,) = self.results.pictures("training", "train")
        ((x, y),) = lines_of(figure.axes[0]).values()
        rows = self.results.rows("train/rounds.csv")
        self.close(x * size_of_unit(figure.axes[0].get_xlabel()), [float(row["end_s"]) for row in rows])
        self.close(y, [100 * float(row["accuracy"]) for row in rows])
        self.assertEqual(figure.axes[0].get_ylabel(), "Accuracy (%)")

    def test_kind_sweep_lines(self):
        points = self.results.rows("sweep/points.csv")
        (figure,) = self.results.pictures("sweep-lines", "sweep", figures=["latency_p95_s"])
        (panel,) = figure.axes
        unit = size_of_unit(figure._supylabel.get_text())  # pylint: disable=protected-access
        names = [f"{variant}, rate = {rate}" for rate in ("1 /s", "4 /s") for variant in ("far", "near")]
        self.assertEqual(legend_of(figure)[:4], names)
        self.assertIn("all runs saturated", legend_of(figure))
        saturated = 0
        for name, bars in zip(names, panel.containers):
            variant, rate = name.split(", rate = ")
            some = [row for row in points if row["variant"] == variant and row["workload.rate"] == rate]
            saturated += sum(row["used"] == "0" for row in some)
            some = [row for row in some if row["used"] != "0"]
            line, _, (ranges,) = bars.lines
            self.close(numpy.array(line.get_xdata(), float), [float(row["network.device-cloud.up"].split()[0]) for row in some])
            self.close(numpy.array(line.get_ydata(), float) * unit, [float(row["latency_p95_s"]) for row in some], name)
            widths = [float(row["latency_p95_s_half_width"] or 0) for row in some]
            self.close([(high - low) / 2 * unit for (_, low), (_, high) in ranges.get_segments()], widths)
        self.assertGreater(saturated, 0)
        crosses = [line for line in panel.get_lines() if line.get_marker() == "x"]
        self.assertEqual(sum(len(line.get_xdata()) for line in crosses), saturated)

    def test_kind_best_cut(self):
        figure = self.results.pictures("best-cut", "sweep", figures=["latency_mean_s"])[0]
        (panel,) = figure.axes
        ups, rates = ["20 kbit/s", "400 kbit/s", "4000 kbit/s"], ["1 /s", "4 /s"]
        self.assertEqual([text.get_text() for text in panel.get_xticklabels()], ["20", "400", "4000"])
        expected = {}
        for column, row in itertools.product(range(3), range(2)):
            means = {point["variant"]: float(point["latency_mean_s"]) for point in self.results.rows("sweep/points.csv")
                     if (point["network.device-cloud.up"], point["workload.rate"]) == (ups[column], rates[row]) and point["used"] != "0"}
            expected[column, row] = str(1 + ["far", "near"].index(min(means, key=means.get)))
        self.assertEqual({text.get_position(): text.get_text() for text in panel.texts}, expected)
        self.assertEqual(set(expected.values()), {"1", "2"})
        self.assertEqual(legend_of(figure), ["1 far", "2 near"])

    def test_a_map_explains_ties_and_shows_long_names_whole(self):
        (self.results.folder / "ties").mkdir()
        rows = [f"{x}/{y},{x},{y} /s,{name},plan of {name},0,2,{0.2 if (x, y, name) == (1, 1, 'b') else 0.1},"
                for x in range(1, 4) for y in range(1, 3) for name in "ab"]
        header = "point,network.mic-gateway.trace.scale,workload.rate,variant,algorithm,saturated,used,latency_mean_s,latency_mean_s_half_width"
        for names in (header, header.replace("network.mic-gateway.trace.scale,workload.rate", "workload.rate,network.mic-gateway.trace.scale")):
            (self.results.folder / "ties/points.csv").write_text("\n".join([names, *rows]) + "\n", encoding="utf-8")
            (figure,) = self.results.pictures("best-cut", "ties")
            (panel,) = figure.axes
            self.assertEqual({text.get_position(): text.get_text() for text in panel.texts},
                             {(x, y): "1" if (x, y) == (0, 0) else "1,2" for x in range(3) for y in range(2)})
            self.assertEqual(legend_of(figure), ["1 a", "2 b", "several numbers: equally good"])
            figure.draw_without_rendering()
            box = panel.yaxis.label.get_window_extent()
            self.assertGreaterEqual(box.y0, 0)
            self.assertLessEqual(box.y1, figure.get_figheight() * figure.dpi)
        self.assertEqual(panel.get_ylabel(), "trace.scale (/s)")

    def test_kind_sensitivity(self):
        """At any bandwidth, the curve is what `plan` finds there."""
        (figure,) = self.results.pictures("sensitivity", "plan")
        (panel,) = figure.axes
        rows = self.results.rows("plan/sensitivity.csv")
        lines = lines_of(panel)
        self.assertEqual(list(lines), [row["cut"] for row in rows])
        self.assertEqual(panel.get_xlabel(), "up of device-cloud (Mbit/s)")
        for row in rows:
            x, y = lines[row["cut"]]
            self.close([x[0], x[-1]], [float(row["from"]) * 8e-6, float(row["to"]) * 8e-6])
            self.close([y[0], y[-1]], [float(row["objective_from"]), float(row["objective_to"])])
            middle = len(x) // 2
            done = offcut("plan", SOURCE / "scenarios/neurosurgeon-alexnet.yaml", "--set",
                          f"network.device-cloud.up={x[middle]!r} Mbit/s", "--out", "here", "-q", cwd=self.results.folder)
            self.assertEqual(done.returncode, 0, done.stderr)
            best = min(float(plan["latency_s"]) for plan in self.results.rows("here/plans.csv") if plan["optimal"] == "yes")
            self.assertAlmostEqual(y[middle] / best, 1, places=9)

    def test_kind_pareto(self):
        (figure,) = self.results.pictures("pareto", "plan")
        (panel,) = figure.axes
        units = [size_of_unit(panel.get_xlabel()), size_of_unit(panel.get_ylabel())]
        rows, lines = self.results.rows("plan/pareto.csv"), lines_of(panel)
        for row in rows:
            x, y = lines[row["cut"]]
            self.close([x[0] * units[0], y[0] * units[1]], [float(row["latency_s"]), float(row["energy_j"])])
        front = sorted((float(row["latency_s"]), float(row["energy_j"])) for row in rows)
        self.close(list(zip(*lines["front"])), [(x / units[0], y / units[1]) for x, y in front])
        others = [(float(row["latency_s"]), float(row["energy_j"])) for row in self.results.rows("plan/plans.csv")
                  if row["measure"] == "latency" and row["latency_s"] and row["energy_j"]]
        self.close(list(zip(*lines["other plans"])), [(x / units[0], y / units[1]) for x, y in others])

    def test_kind_codecs(self):
        (figure,) = self.results.pictures("codecs", "measured.csv")
        (panel,) = figure.axes
        rows, lines = self.results.rows("measured.csv"), lines_of(panel)
        unit = {"(B)": 1, "(kB)": 1e3}[figure._supxlabel.get_text().rpartition(" ")[2]]  # pylint: disable=protected-access
        points = {row["codec"]: (float(row["bytes_mean"]), 100 * float(row["accuracy_loss"])) for row in rows}
        self.assertGreater(len(points), 2)
        for codec, (size, loss) in points.items():
            x, y = lines[codec]
            self.close([x[0] * unit, y[0]], [size, loss], codec)
        best = sorted(set(point for point in points.values()
                          if not any(other != point and other[0] <= point[0] and other[1] <= point[1] for other in points.values())))
        x, y = lines["front"]
        self.close(list(zip(x * unit, y)), best)

    def test_kind_compression(self):
        (figure,) = self.results.pictures("compression", "steps.csv")
        rows = self.results.rows("steps.csv")
        sizes, judged = figure.axes
        self.assertEqual([text.get_text() for text in sizes.get_yticklabels()], [row["step"] for row in rows])
        for label, column in [("dense", "dense_bytes"), ("sparse", "sparse_bytes"), ("Huffman", "huffman_bytes")]:
            self.close(lines_of(sizes)[label][0] * size_of_unit(sizes.get_xlabel()), [float(row[column]) for row in rows])
        self.close(lines_of(judged)["accuracy"][0], [100 * float(row["accuracy"]) for row in rows])

    def test_kind_compressed_layers(self):
        (figure,) = self.results.pictures("compressed-layers", "layers-alone.csv")
        rows = self.results.rows("layers-alone.csv")
        passes = list(dict.fromkeys(row["pass"] for row in rows))
        self.assertEqual([panel.get_xlabel() for panel in figure.axes], ["magnitude: rate", "kmeans: bits"])
        for panel, name in zip(figure.axes, passes):
            for layer, (x, y) in lines_of(panel).items():
                some = sorted((float(row["setting"].partition("=")[2]), 100 * float(row["accuracy"])) for row in rows
                              if (row["pass"], row["layer"]) == (name, layer))
                self.close(list(zip(x, y)), some)

    def test_kind_latency_over_bandwidth(self):
        (figure,) = self.results.pictures("latency-over-bandwidth", "uplinks")
        (panel,) = figure.axes
        rows = self.results.rows("uplinks/sweep.csv")
        drawn = [list(zip(line.get_xdata(), line.get_ydata())) for line in panel.get_lines() if len(line.get_xdata()) == 3]
        for algorithm in ("neurosurgeon", "device-only", "cloud-only"):
            expected = [(float(row["uplink_bit_per_s"]), float(row["latency_mean_s"]) * 1e3) for row in rows if row["algorithm"] == algorithm]
            self.assertTrue(any(numpy.allclose(line, expected, rtol=1e-9) for line in drawn), algorithm)

    def test_several_results_are_one_picture(self):
        (figure,) = self.results.pictures("latency-parts", "run", "sweep/../run/summary.csv")
        names = [text.get_text() for text in figure.axes[0].get_yticklabels()]
        self.assertEqual((names[0], len(names)), ("run: multi-tier", 8))

    def test_values_with_units_become_numbers_on_an_axis(self):
        from offcut_plots.sweeps import make_axis
        for texts, unit, values in [(["20 Mbit/s", "500 kbit/s", "1 MB/s"], "Mbit/s", [0.5, 8, 20]), (["3", "1"], "", [1, 3]),
                                    (["1 /min", "1 /s"], "/min", [1, 60]), (["50 %", "0.1"], "%", [10, 50])]:
            axis = make_axis("p", texts)
            self.assertEqual((axis.unit, axis.is_number), (unit, True))
            self.close(axis.values, values)
        self.assertEqual(make_axis("p", ["t4", "1 s", "t4"]), ("p", "", ["t4", "1 s"], [0, 1], False))


if __name__ == "__main__":
    unittest.main()
