#!/usr/bin/env python3
"""The page of results as a file: its bytes, its policy, hostile names, and who makes and removes it. tests/page has what a browser shows."""
import base64
import csv
import hashlib
import html
import json
import pathlib
import re
import tempfile
import unittest

import program

HOSTILE = "</script><script>alert(1)</script> \"quoted\" 'one' & \u2028<img src=x onerror=alert(2)>"
SWEEP = """\
name: rates
base: base.yaml
vary: {workload.rate: [1, 5, 2000] /s}
compare:
  far: {plan.algorithm: cloud-only}
  near: {plan.algorithm: device-only}
replications: 2
figures: [latency_mean_s]
"""


def data_of(page):
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)[1])


def column(table, name):
    return next(c["values"] for c in table["columns"] if c["name"] == name)


@unittest.skipUnless("--html" in program.offcut("run", "--help").stdout, "no pages")
class PageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.temporary.name)
        (cls.folder / "layers.csv").write_text(program.TABLE.replace("conv1", "<b>conv1</b>"), encoding="utf-8")
        scenario = program.SCENARIO.replace("name: two layers", f"name: {json.dumps(HOSTILE)}")
        (cls.folder / "base.yaml").write_text(scenario, encoding="utf-8")
        (cls.folder / "sweep.yaml").write_text(SWEEP, encoding="utf-8")
        cls.printed = cls.offcut("run", "base.yaml", "--html", "--out", "one", "--set", "output.requests=all",
                                 "--set", "output.series={interval: 1 s}")
        cls.offcut("run", "base.yaml", "--html", "--out", "two", "--set", "output.requests=all",
                   "--set", "output.series={interval: 1 s}")
        cls.page = cls.read("one/report.html")
        cls.data = data_of(cls.page)

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    @classmethod
    def offcut(cls, *arguments, code=0):
        result = program.offcut(*arguments, cwd=cls.folder)
        assert result.returncode == code, (arguments, result.stdout, result.stderr)
        return result.stderr if code else result.stdout

    @classmethod
    def read(cls, name):
        return (cls.folder / name).read_text(encoding="utf-8")

    def rows(self, name):
        with open(self.folder / name, encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def test_equal_runs_have_equal_pages(self):
        self.assertEqual(self.page, self.read("two/report.html"))
        self.assertIn("report.html", self.printed)

    def test_nothing_but_the_page_s_own_scripts_and_style_may_run(self):
        policy = html.unescape(re.search(r'Content-Security-Policy" content="([^"]*)"', self.page)[1])
        self.assertIn("default-src 'none'", policy)
        for tag, count in (("script", 2), ("style", 1)):
            texts = re.findall(rf"<{tag}>(.*?)</{tag}>", self.page, re.S)
            self.assertEqual(len(texts), count)
            for text in texts:
                digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
                self.assertIn(f"'sha256-{digest}'", policy)
        self.assertNotIn("unsafe", policy)
        self.assertEqual(self.page.count("<script"), 3)
        self.assertIsNone(re.search(r"<(link|img|iframe)\b|\b(src|href)=[\"']?https?:", self.page))
        self.assertIn("Redistributions in binary form must reproduce", self.page)

    def test_hostile_names_stay_texts(self):
        self.assertEqual(self.data["title"], HOSTILE)
        self.assertIn(f"<title>{html.escape(HOSTILE, quote=True).replace('&#x27;', chr(39))}</title>", self.page)
        block = re.search(r'id="data">(.*?)</script>', self.page, re.S)[1]
        self.assertNotIn("<", block)
        self.assertTrue(block.isascii())

    def test_tables_are_those_of_the_files(self):
        tables = {table["file"]: table for table in self.data["tables"]}
        for name, table in tables.items():
            rows = self.rows(f"one/{name}")
            self.assertEqual(table["rows"], len(rows), name)
            self.assertEqual([c["name"] for c in table["columns"]] , [c for c in rows[0] if c not in table["empty"]], name)
            for c in table["columns"]:
                for value, row in zip(c["values"], rows):
                    text = row[c["name"]]
                    if isinstance(value, (int, float)):
                        self.assertEqual(float(text), value)
                    else:
                        self.assertEqual(text, value or "")
        self.assertEqual(column(tables["plan.csv"], "layer")[:2], ["<b>conv1</b>", "fc1"])
        self.assertEqual(next(c for c in tables["summary.csv"]["columns"] if c["name"] == "latency_mean_s")["unit"], "s")

    def test_columns_have_the_texts_of_the_list(self):
        listed = program.offcut("list", "columns", "tiers.csv", "--markdown").stdout
        for c in next(table for table in self.data["tables"] if table["file"] == "tiers.csv")["columns"]:
            self.assertIn(c["doc"].split(".")[0], listed, c["name"])

    def test_distributions_are_answers_of_the_log(self):
        rows = self.rows("one/requests.csv")
        self.assertEqual([plan["plan"] for plan in self.data["latencies"]], ["cloud-only", "device-only"])
        for plan in self.data["latencies"]:
            latencies = sorted(float(row["latency_s"]) for row in rows if row["algorithm"] == plan["plan"] and row["latency_s"])
            self.assertEqual(plan["answers"], len(latencies))
            for share, latency in zip(plan["share"], plan["latency_s"]):
                self.assertEqual(latencies[round(share * len(latencies)) - 1], latency)

    def test_series_have_the_samples(self):
        rows = self.rows("one/series.csv")
        device = next(place for place in self.data["series"] if place["where"] == "device")
        own = [row for row in rows if row["where"] == "device"]
        self.assertEqual(device["samples"], len(own))
        self.assertEqual(device["columns"]["time_s"]["mean"], [float(row["time_s"]) for row in own])
        self.assertEqual(device["columns"]["waiting"]["mean"], [float(row["waiting"]) for row in own])

    def test_the_network_has_its_tensors(self):
        (network,) = self.data["networks"]
        names = [name for name, _ in network["nodes"]]
        edges = {(names[a], names[b]): size for a, b, _, _, size in network["edges"]}
        self.assertEqual(edges, {("image", "<b>conv1</b>"): 1000, ("<b>conv1</b>", "fc1"): 100})

    def test_the_command_makes_the_same_page_but_for_the_notes(self):
        self.offcut("page", "one", "--out", "again.html")
        again = data_of(self.read("again.html"))
        self.assertEqual({**again, "notes": None}, {**self.data, "notes": None})

    def test_a_page_belongs_to_its_run(self):
        self.offcut("run", "base.yaml", "--html", "--out", "three")
        self.assertTrue((self.folder / "three/report.html").exists())
        self.offcut("run", "base.yaml", "--out", "three")
        self.assertFalse((self.folder / "three/report.html").exists())

    def test_a_sweep_has_a_page(self):
        self.assertIn("report.html", self.offcut("sweep", "sweep.yaml", "--out", "sweep", "--html", "-j", "1"))
        page = self.read("sweep/report.html")
        data = data_of(page)
        self.assertEqual((data["kind"], data["title"]), ("sweep", "rates"))
        self.assertEqual(data["axes"], [{"name": "workload.rate", "texts": ["1 /s", "5 /s", "2000 /s"], "unit": "/s", "values": [1, 5, 2000]}])
        points = data["tables"][0]
        rows = self.rows("sweep/points.csv")
        self.assertEqual(column(points, "latency_mean_s"), [float(row["latency_mean_s"]) if row["latency_mean_s"] else None for row in rows])
        self.assertGreater(sum(column(points, "saturated")), 0)
        self.offcut("sweep", "sweep.yaml", "--out", "sweep", "--resume", "--html", "-j", "1")
        self.assertEqual(self.read("sweep/report.html"), page)
        self.offcut("page", "sweep")
        again = data_of(self.read("sweep/report.html"))
        self.assertEqual((again["title"], again["tables"]), ("rates", data["tables"]))
        # A page of an earlier sweep does not stay beside other results.
        self.offcut("sweep", "sweep.yaml", "--out", "sweep", "-j", "1", "--replications", "3")
        self.assertFalse((self.folder / "sweep/report.html").exists())

    def test_invalid_requests_write_nothing(self):
        for arguments, expected in (
                (("page", "nowhere"), "nowhere: error: does not exist"),
                (("page", "."), "expected a folder with results of 'run' or 'sweep'"),
                (("page", "one", "--out", "one/summary.csv"), "one/summary.csv"),
                (("page", "one", "--out", "missing/a.html"), "missing"),
                (("sweep", "sweep.yaml", "--html", "--dry-run"), "a dry run has no results for a page"),
                (("sweep", "sweep.yaml", "--html", "--shard", "1/2"), "a shard has no page")):
            with self.subTest(arguments=arguments):
                self.assertIn(expected, self.offcut(*arguments, code=2))
        self.assertFalse((self.folder / "results").exists())

    def test_damaged_results_have_no_page(self):
        header, *rows = self.read("one/summary.csv").splitlines()
        fields, half = header.count(",") + 1, header[:len(header) // 2]
        resolved = self.read("one/resolved.yaml")
        for number, (files, expected) in enumerate((
                ({"resolved.yaml": resolved}, "summary.csv: error: is missing"),
                ({"resolved.yaml": resolved, "summary.csv": ""}, "summary.csv: error: is empty"),
                ({"resolved.yaml": resolved, "summary.csv": half},
                 f"summary.csv:1:1: error: there is no row below the header of {half.count(',') + 1} fields, expected one for each plan"),
                ({"resolved.yaml": resolved, "summary.csv": f"{header}\n{rows[0]}\n1,2"},
                 f"summary.csv:3:1: error: 2 fields, expected {fields}"),
                ({"resolved.yaml": resolved, "summary.csv": "a,b\n1,2\n"}, "summary.csv:1:1: error: there is no column 'algorithm'"),
                ({"sweep.journal": ""}, "points.csv: error: is missing"),
                ({"sweep.journal": "", "points.csv": "point,variant,algorithm\n"}, "points.csv:1:1: error: there is no row below the header"))):
            with self.subTest(expected):
                folder = self.folder / f"damaged-{number}"
                folder.mkdir()
                for name, text in files.items():
                    (folder / name).write_text(text, encoding="utf-8")
                self.assertIn(f"{folder.name}/{expected}", self.offcut("page", folder.name, code=2))
                self.assertEqual({path.name for path in folder.iterdir()}, set(files))

    def test_an_input_is_not_replaced(self):
        (self.folder / "own").mkdir()
        (self.folder / "own/report.html").write_text(program.SCENARIO, encoding="utf-8")
        (self.folder / "own/layers.csv").write_text(program.TABLE, encoding="utf-8")
        self.assertIn("is an input of this command", self.offcut("run", "own/report.html", "--html", "--out", "own", code=2))
        self.assertEqual(self.read("own/report.html"), program.SCENARIO)


if __name__ == "__main__":
    unittest.main()
