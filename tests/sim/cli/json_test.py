#!/usr/bin/python3
"""--json: one document on standard output, with the same figures as the CSV files and the text of the same call."""
import csv
import json
import os
import re
import subprocess
import unittest

from program import PROGRAM, SCENARIO, TIMEOUT_S, InFolder

# Columns with these endings have numbers.
NUMBERS = re.compile(r"_(s|j|h|bytes|mean|most|macs)$|^(macs|requests_\w+|seed|position|utilisation)$")
LOGS = {"requests", "series", "switches", "rounds", "clients", "data", "events"}  # Files that grow with a run stay files.


class JsonTest(InFolder):
    def document(self, *arguments, code=0):
        """The document of a call, and its standard error."""
        result = self.run_here(*arguments, "--json")
        self.assertEqual(result.returncode, code, result.stderr)
        self.assertTrue(result.stdout.isascii())

        def refuse(name):
            raise AssertionError(f"{name} is not JSON")
        document = json.loads(result.stdout, parse_constant=refuse)
        self.assertEqual((re.match(r"\d+\.\d+\.\d+$", document["offcut"]) is not None, document["command"]), (True, arguments[0]))
        if code == 0:
            self.assertEqual((result.stderr, document.get("errors")), ("", None))
        return document, result.stderr

    def assert_same(self, rows, path, leave_out=()):
        """Whether the rows are those of the file, value for value."""
        with open(self.folder / path, encoding="utf-8", newline="") as file:
            expected = list(csv.DictReader(file))
        self.assertEqual(len(rows), len(expected), path)
        numbers = 0
        for row, fields in zip(rows, expected):
            self.assertEqual(list(row), list(fields), path)
            for name, field in fields.items():
                value = row[name]
                if name in leave_out:
                    continue
                if field == "" or field in ("inf", "-inf", "nan"):
                    self.assertIsNone(value, (path, name))
                elif isinstance(value, str):
                    self.assertEqual((value, NUMBERS.search(name)), (field, None), (path, name))
                else:
                    self.assertEqual(value, float(field), (path, name))
                    numbers += 1
        return numbers

    def test_run_has_the_rows_of_its_files(self):
        (self.folder / "hostile.yaml").write_text(SCENARIO.replace("two layers", '"title \\u202e <b> é"') + "output: {series: {interval: 1 s}}\n", encoding="utf-8")
        for scenario in ["small.yaml", "hostile.yaml"]:
            document, _ = self.document("run", scenario, "--out", "out", "--decisions", "d.csv")
            files = {name.removesuffix(".csv") for name in document["files"] if name.endswith(".csv")}
            tables = {name for name, value in document.items() if name in files}
            self.assertEqual(tables, files - LOGS)
            self.assertGreater(sum(self.assert_same(document[name], f"out/{name}.csv") for name in sorted(tables)), 100)
            self.assertEqual([document[key] for key in ("folder", "decisions", "timeline")], ["out", "d.csv", None])
        self.assertEqual(document["scenario"], {"file": "hostile.yaml", "name": "hostile", "title": "title \u202e <b> é"})
        self.assertEqual(document["models"], [{"model": "layers", "network": "layers", "layers": 2, "macs": 2000, "parameter_bytes": 0,
                                               "tiers": ["device", "cloud"]}])

    def test_plan_has_the_rows_of_its_files(self):
        document, _ = self.document("plan", "small.yaml", "--out", "plans", "--explain", "--sensitivity", "up=0.1..100 Mbit/s",
                                    "--pareto", "latency,throughput")
        self.assertEqual(document["files"], ["plans.csv", "plan.csv", "sensitivity.csv", "pareto.csv"])
        for file in document["files"]:
            self.assertGreater(self.assert_same(document[file.removesuffix(".csv")], f"plans/{file}"), 0, file)
        declined = [row for row in document["plans"] if row["outcome"].startswith("declined: ")]
        self.assertTrue(declined)
        self.assertEqual({row["latency_s"] for row in declined}, {None})
        text = self.succeed("plan", "small.yaml", "--explain")
        self.assertIn([note["explanation"] for note in document["notes"] if "explanation" in note][0], text)
        # Without --out, the rows are the same, but for the time that algorithms take.
        again, _ = self.document("plan", "small.yaml")
        self.assert_same(again["plans"], "plans/plans.csv", leave_out=["solve_s"])
        self.assertEqual((again["plan"], again["files"], again.get("pareto")), (document["plan"], [], None))

    def test_inspect_has_the_figures_of_each_layer(self):
        document, _ = self.document("inspect", "zoo:alexnet", "--out", "work.csv")
        layers = document["layers"]
        rows = [{key: value for key, value in layer.items() if key not in ("outputs", "is_cut_vertex")} for layer in layers]
        self.assertGreater(self.assert_same(rows, "work.csv"), 100)
        first = next(layer for layer in layers if layer["layer"] == "conv1")
        self.assertEqual(first["outputs"], [{"name": "conv1", "type": "float32", "shape": [1, 96, 55, 55], "bytes": 4 * 96 * 55 * 55}])
        self.assertEqual(document["total"]["macs"], sum(layer["macs"] for layer in layers))
        text = self.succeed("inspect", "zoo:alexnet")
        self.assertIn(f"{len(layers)} layers, ", text)
        self.assertIn(f"{document['cut_vertices']} cut vertices, {document['legal_cuts']} legal cuts", text)
        self.assertEqual(sum(layer["is_cut_vertex"] for layer in layers), document["cut_vertices"])
        times = self.document("inspect", "layers.csv")[0]["times"]
        self.assertEqual(times, [{"device": "phone", "batch": 1, "total_s": 0.02}, {"device": "server", "batch": 1, "total_s": 0.002}])

    def test_validate_says_what_is_valid(self):
        document, _ = self.document("validate", "small.yaml")
        self.assertEqual([(entry["file"], entry["valid"], entry["tiers"], entry["models"][0]["layers"]) for entry in document["scenarios"]],
                         [("small.yaml", True, 2, 2)])

    def test_every_error_is_in_the_document(self):
        (self.folder / "bad.yaml").write_text(SCENARIO.replace("rate: 5 /s", "rat: 5 /s").replace("count: 3", "count: -3"), encoding="utf-8")
        for arguments in [("validate", "small.yaml", "bad.yaml"), ("run", "bad.yaml"), ("plan", "bad.yaml")]:
            document, text = self.document(*arguments, code=2)
            errors = document["errors"]
            self.assertGreaterEqual(len(errors), 2)
            self.assertEqual([f"{e['file']}:{e['line']}:{e['column']}: error: {e['message']}" for e in errors], text.splitlines())
            if arguments[0] == "validate":
                self.assertEqual([(entry["file"], entry["valid"]) for entry in document["scenarios"]], [("small.yaml", True), ("bad.yaml", False)])
                self.assertEqual(document["scenarios"][1]["errors"], errors)
        self.assertFalse((self.folder / "results").exists())

    def test_errors_without_a_place(self):
        for arguments, file, message in [
            (("inspect", "zoo:alxnet"), "zoo:alxnet", "did you mean"),
            (("list", "devcies"), "offcut list", "did you mean 'devices'?"),
            (("run", "small.yaml", "--speed"), "offcut run", "did you mean '--seed'?"),
            (("plan",), "offcut plan", "SCENARIO is required"),
            (("list", "keys", "--markdown"), "--markdown", "--json"),
        ]:
            document, text = self.document(*arguments, code=2)
            (error,) = document["errors"]
            self.assertEqual((error["file"], error["line"], error["column"]), (file, None, None))
            self.assertIn(message, error["message"])
            self.assertIn(error["message"], text)

    def test_lists(self):
        entries = {entry["name"]: entry for entry in self.document("list", "codecs")[0]["entries"]}
        text = self.succeed("list", "codecs")
        self.assertEqual(list(entries), [line.split()[0] for line in text.splitlines()[1:]])
        self.assertEqual(entries["top-k"]["parameters"],
                         [{"name": "share", "description": "the share of the values that are kept", "type": "number", "list": False,
                           "default": 0.1, "unit": "", "least": entries["top-k"]["parameters"][0]["least"], "most": 1}])
        links = self.document("list", "links")[0]["entries"]
        self.assertTrue(all(isinstance(link["up_bytes_per_s"], (int, float)) for link in links))
        devices = self.document("list", "devices")[0]["entries"]
        self.assertEqual(len(devices), self.succeed("list", "devices").split("\n\nerror:")[0].count("\n"))
        (table,) = self.document("list", "columns", "summary.csv")[0]["tables"]
        self.succeed("run", "small.yaml", "--out", "out")
        with open(self.folder / "out/summary.csv", encoding="utf-8", newline="") as file:
            self.assertEqual([column["name"] for column in table["columns"]], next(csv.reader(file)))
        (block,) = self.document("list", "keys", "tiers.TIER.cores")[0]["blocks"]
        self.assertEqual((block["paths"][0], block["keys"][0]["name"]), ("tiers.TIER", "cores"))

    def test_every_list_has_a_document(self):
        kinds = re.findall(r"[a-z-]+", self.run_here("__complete", "list", "").stdout.split("\n", 1)[1])
        self.assertIn("gradients", kinds)
        for kind in kinds:
            document = self.document("list", kind)[0]
            (rows,) = [value for value in document.values() if isinstance(value, list)]
            self.assertTrue(rows, kind)

    def test_help_is_text(self):
        self.assertEqual(self.succeed("run", "--help", "--json"), self.succeed("run", "--help"))

    def test_quiet_silences_no_document(self):
        loud, quiet = [self.run_here("validate", "small.yaml", "--json", *more).stdout for more in ([], ["--quiet"])]
        self.assertEqual(loud, quiet)

    def test_a_full_disk(self):
        with open("/dev/full", "wb") as full:
            result = subprocess.run([PROGRAM, "list", "codecs", "--json"], stdout=full, stderr=subprocess.PIPE, timeout=TIMEOUT_S,
                                    check=False, env=os.environ)
        self.assertEqual((result.returncode, result.stderr), (1, b"standard output: error: cannot be written: No space left on device\n"))


if __name__ == "__main__":
    unittest.main()
