#!/usr/bin/python3
"""`offcut compress` from outside: tables, files, errors, and the help."""
import csv
import os
import pathlib
import random
import re
import struct
import subprocess
import tempfile
import unittest

OFFCUT = os.environ["OFFCUT"]
SOURCE = pathlib.Path(os.environ["OFFCUT_SOURCE"])
DIGITS = str(SOURCE / "models/data/digits/digits_cnn.onnx")


def run(*arguments):
    return subprocess.run([OFFCUT, *arguments], capture_output=True, text=True)


def rows_of(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


class CompressTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def compress(self, *arguments, model="zoo:lenet5"):
        done = run("compress", model, *arguments, "--out", str(self.folder / "small.onnx"))
        self.assertEqual(done.stderr, "")
        self.assertEqual(done.returncode, 0)
        return done.stdout

    def errors(self, *arguments):
        done = run("compress", *arguments)
        self.assertEqual(done.returncode, 2)
        self.assertFalse((self.folder / "small.onnx").exists())
        return done.stderr

    def test_the_file_has_the_bytes_that_the_table_states(self):
        log = self.folder / "steps.csv"
        out = self.compress("--pass", "magnitude:rate=0.9", "--pass", "kmeans:clusters=15", "--log", str(log))
        self.assertIn("no samples", out)
        steps = rows_of(log)
        self.assertEqual([row["step"] for row in steps], ["given", "magnitude:rate=0.9", "kmeans:clusters=15"])
        self.assertEqual([row["accuracy"] for row in steps], ["", "", ""])
        self.assertEqual(int(steps[0]["weights"]), 61706)
        self.assertEqual(int(steps[0]["dense_bytes"]), 4 * 61706)
        size = (self.folder / "small.onnx").stat().st_size
        self.assertIn("7x1x28x28", run("inspect", str(self.folder / "small.onnx"), "--bind", "batch=7").stdout)
        self.assertEqual(size, int(steps[-1]["file_bytes"]))
        self.assertLess(int(steps[-1]["file_bytes"]), int(steps[0]["file_bytes"]) / 12)
        forms = [int(steps[-1][form + "_bytes"]) for form in ("dense", "sparse", "codebook", "huffman")]
        self.assertEqual(forms, sorted(forms, reverse=True))

    def test_the_packed_file_computes_what_the_passes_left(self):
        """Twice the same passes: the second time they find nothing to change in the file."""
        self.compress("--pass", "linear:bits=4")
        small = self.folder / "small.onnx"
        again = self.folder / "again.onnx"
        done = run("compress", str(small), "--pass", "linear:bits=4,range=max", "--out", str(again))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("small", done.stdout)
        done = run("export", str(small), "--out", str(self.folder / "dense.onnx"))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertGreater((self.folder / "dense.onnx").stat().st_size, 5 * small.stat().st_size)

    def given(self, path, *arguments):
        """Compresses a file again. Returns the first and the last row of the log, the text, and the new file."""
        log = self.folder / "again.csv"
        out = self.folder / "again.onnx"
        done = run("compress", str(path), *arguments, "--log", str(log), "--out", str(out))
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return rows_of(log)[0], rows_of(log)[-1], done.stdout, out

    def test_a_compressed_file_keeps_its_form(self):
        """The given row has the bytes on disk, and layers that a pass does not touch keep integers and codebooks."""
        for passes in (["linear"], ["linear:bits=4"], ["magnitude:rate=0.9", "kmeans:clusters=15"]):
            with self.subTest(passes):
                self.compress(*(argument for one in passes for argument in ("--pass", one)))
                small = self.folder / "small.onnx"
                size = small.stat().st_size
                first, last, text, out = self.given(small, "--pass", "clip:layers=fc5,threshold=10")
                self.assertEqual(int(first["file_bytes"]), size)
                self.assertLess(int(first["codebook_bytes"]), 0.3 * int(first["dense_bytes"]))
                self.assertLess(abs(out.stat().st_size - size), 0.01 * size)
                self.assertNotIn("note:", text)
                _, last, _, out = self.given(small, "--pass", "clip:layers=fc5,threshold=10", "--dataset", "digits", "--fine-tune", "1",
                                             "--batch", "200")
                self.assertLess(out.stat().st_size, 1.03 * size)
                self.assertEqual(last["step"], "  fine-tuned")
                first, last, text, out = self.given(small, "--pass", "clip:layers=fc5,threshold=10", "--floats", "--dataset", "digits",
                                                    "--fine-tune", "1", "--batch", "200")
                self.assertIn("note: weight 'conv3.weight' is stored as integers or in a codebook, but read as floats: --floats\n", text)
                self.assertEqual(int(first["file_bytes"]), size)
                self.assertGreater(out.stat().st_size, 200000)

    def test_a_pass_that_cannot_keep_a_form_says_so(self):
        self.compress("--pass", "kmeans:bits=4")
        small = str(self.folder / "small.onnx")
        done = run("compress", small, "--pass", "channels:rate=0.5", "--out", str(self.folder / "again.onnx"))
        self.assertEqual(done.returncode, 2)
        self.assertRegex(done.stderr, r"channels: '\w+\.weight' would lose channels, but an earlier pass or the file masks or rounds it: .*--floats")
        _, last, _, _ = self.given(small, "--pass", "channels:rate=0.5", "--floats")
        self.assertLess(int(last["macs"]), 416520 / 2)

    def test_a_file_with_external_data_counts_it(self):
        self.compress("--pass", "clip:threshold=10", "--external-data")
        small = self.folder / "small.onnx"
        data = self.folder / "small.onnx.data"
        first, _, _, _ = self.given(small, "--pass", "linear")
        self.assertEqual(int(first["file_bytes"]), small.stat().st_size + data.stat().st_size)
        for passes in ("clip:threshold=10", "kmeans:bits=4"):
            _, last, _, out = self.given(small, "--pass", passes, "--external-data")
            self.assertEqual(int(last["file_bytes"]), out.stat().st_size + pathlib.Path(f"{out}.data").stat().st_size)

    def test_a_training_that_diverges_in_its_last_step_writes_nothing(self):
        data = self.folder / "data"
        data.mkdir()
        for part in ("training", "test"):
            (data / f"{part}-images-idx3-ubyte").write_bytes(struct.pack(">4I", 0x803, 40, 28, 28) + random.Random(1).randbytes(40 * 784))
            (data / f"{part}-labels-idx1-ubyte").write_bytes(struct.pack(">2I", 0x801, 40) + bytes(i % 10 for i in range(40)))
        text = self.errors("zoo:branchy-lenet5", "--dataset", str(data), "--pass", "clip:threshold=10,layers=fc*", "--fine-tune", "2", "--batch",
                           "40", "--optimizer", "sgd", "--rate", "1e6", "--out", str(self.folder / "small.onnx"))
        self.assertRegex(text, r"\Abranchy-lenet5: error: training diverged: the test loss is (NaN|-?infinity) after epoch 2; ")

    def test_integers_that_a_codebook_replaces_are_noted(self):
        self.compress("--dataset", "digits", "--pass", "int8", model=DIGITS)
        small = self.folder / "small.onnx"
        _, _, text, out = self.given(small, "--pass", "kmeans:layers=fc2")
        self.assertRegex(text, r"(?m)^note: weight '.*' had integers or a codebook, but is written as floats: ")
        self.assertGreater(out.stat().st_size, small.stat().st_size)
        _, _, text, _ = self.given(small, "--pass", "linear:layers=fc2")
        self.assertNotIn("note:", text)

    def test_floats_need_not_stay_floats(self):
        """A codebook that a pass leaves is found again in the values."""
        self.compress("--pass", "kmeans:bits=4")
        small = self.folder / "small.onnx"
        _, _, text, out = self.given(small, "--pass", "clip:quantile=1", "--floats")
        self.assertIn("but read as floats: --floats\n", text)
        self.assertLess(out.stat().st_size, 1.1 * small.stat().st_size)
        self.assertIn("whose form need not stay", re.sub(r"\s+", " ", run("compress", "--help").stdout))

    def test_parameters_that_contradict_one_another(self):
        out = str(self.folder / "small.onnx")
        for text, message in (("kmeans:bits=4,clusters=10", "kmeans: expected only one of bits, clusters"),
                              ("magnitude:threshold=0.1,steps=3", "magnitude: steps needs rate, the share that it is about"),
                              ("magnitude:deviations=1,scope=global", "magnitude: scope needs rate, the share that it is about")):
            self.assertEqual(self.errors("zoo:lenet5", "--pass", text, "--out", out), f"--pass {text}: error: {message}\n")

    def test_int8_is_trained_again_in_integers(self):
        self.compress("--dataset", "digits", "--pass", "int8", model=DIGITS)
        small = self.folder / "small.onnx"
        first, last, text, out = self.given(small, "--dataset", "digits", "--pass", "clip:layers=fc2,threshold=100", "--fine-tune", "1", "--batch",
                                            "200", "--rate", "0.0001")
        self.assertEqual(int(first["file_bytes"]), small.stat().st_size)
        self.assertNotIn("note:", text)
        self.assertLess(abs(out.stat().st_size - small.stat().st_size), 300)
        self.assertGreater(float(last["accuracy"]), 0.985)

    def test_options_of_training_need_training(self):
        out = str(self.folder / "small.onnx")
        text = self.errors("zoo:lenet5", "--pass", "linear", "--rate", "0.1", "--schedule", "cosine", "--schedule", "warm-up", "--teacher", DIGITS,
                           "--validate", "10 %", "--loss", "mse", "--out", out)
        self.assertEqual(text, "--rate, --schedule, --teacher: error: needs --fine-tune, the epochs of training after each pass\n"
                               "--loss: error: needs samples: --dataset\n"
                               "--validate: error: needs --search or --sensitivity, which judge on its samples\n")

    def test_names_with_control_characters_are_escaped(self):
        self.compress("--pass", "kmeans:bits=4")
        small = self.folder / "small.onnx"
        odd = self.folder / "odd.onnx"
        odd.write_bytes(small.read_bytes().replace(b"conv2", b"c\n\x1bv2"))
        layers = self.folder / "layers.csv"
        _, _, text, _ = self.given(odd, "--pass", "linear:layers=fc*", "--layers", str(layers))
        self.assertIn(r"c\n\x1bv2", text)
        self.assertIn(r"c\n\x1bv2", [row["layer"] for row in rows_of(layers)])
        self.assertEqual(len(layers.read_text().splitlines()), 6)
        done = run("compress", str(odd), "--pass", "channels:rate=0.5", "--out", str(self.folder / "x.onnx"))
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        self.assertRegex(done.stderr, r"channels: '(conv1|c\\n\\x1bv2)\.weight' would lose channels")
        done = run("compress", str(odd), "--pass", "linear:layers=conv9", "--out", str(self.folder / "x.onnx"))
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)

    def test_no_form_is_larger_than_floats(self):
        layers = self.folder / "layers.csv"
        self.compress("--pass", "clip:threshold=10", "--layers", str(layers), model="zoo:mlp-s1")
        for row in rows_of(layers):
            for form in ("sparse", "codebook", "huffman", "zstd"):
                self.assertLessEqual(int(row[form + "_bytes"]), int(row["dense_bytes"]))

    def test_accuracy_is_measured_after_each_pass(self):
        log = self.folder / "steps.csv"
        layers = self.folder / "layers.csv"
        out = self.compress("--dataset", "digits", "--pass", "linear", "--pass", "linear:bits=2", "--log", str(log),
                            "--layers", str(layers), model=DIGITS)
        steps = rows_of(log)
        self.assertAlmostEqual(float(steps[0]["accuracy"]), 0.9955)
        self.assertGreater(float(steps[1]["accuracy"]), 0.99)
        self.assertLess(float(steps[2]["accuracy"]), float(steps[1]["accuracy"]))
        self.assertIn("99.55 %", out)
        self.assertEqual(sum(int(row["weights"]) for row in rows_of(layers)) > 100000, True)

    def test_the_same_command_gives_the_same_bytes(self):
        found = []
        for _ in range(2):
            self.compress("--dataset", "digits", "--pass", "magnitude:rate=0.5,steps=2,layers=fc*", "--pass", "kmeans:bits=3",
                          "--fine-tune", "1", "--batch", "100")
            found.append((self.folder / "small.onnx").read_bytes())
        self.assertEqual(found[0], found[1])

    def test_the_search_stays_within_the_loss_on_the_samples_set_aside(self):
        study = self.folder / "study.csv"
        log = self.folder / "steps.csv"
        self.compress("--dataset", "digits", "--pass", "linear:layers=fc*", "--search", "1 %", "--sensitivity", str(study),
                      "--log", str(log), "--validate", "5 %", model=DIGITS)
        rows = rows_of(study)
        self.assertEqual({row["setting"] for row in rows}, {f"bits={bits}" for bits in range(2, 9)})
        self.assertEqual(len({row["layer"] for row in rows}) * 7, len(rows))
        self.assertEqual([row["step"] for row in rows_of(log)], ["given", "search"])
        self.assertGreater(float(rows_of(log)[1]["accuracy"]), 0.97)

    def test_all_errors_are_reported_at_once(self):
        out = str(self.folder / "small.onnx")
        text = self.errors("zoo:lenet5", "--pass", "magnitud:rate=0.5", "--pass", "kmeans:bits=99", "--pass",
                           "information:rate=0.5", "--fine-tune", "3", "--search", "much", "--out", out)
        for part in ("there is no pass 'magnitud'; did you mean 'magnitude'?", "bits: expected 1 to 8, got '99'",
                     "--pass information:rate=0.5: error: needs samples: --dataset", "--fine-tune: error: needs samples",
                     "--search: error: expected an accuracy such as '0.5 %', got 'much'"):
            self.assertIn(part, text)
        self.assertIn("--pass: error: is missing; offcut list passes has them", self.errors("zoo:lenet5", "--out", out))
        self.assertIn("--out: error: is missing", self.errors("zoo:lenet5", "--pass", "linear"))
        self.assertIn("no layer with weights matches 'conv9'; did you mean 'conv",
                      self.errors("zoo:lenet5", "--pass", "linear:layers=conv9", "--out", out))
        self.assertIn("clip has no rate or bits",
                      self.errors("zoo:lenet5", "--dataset", "digits", "--pass", "clip:threshold=1", "--search", "0.01",
                                  "--out", out))

    def test_a_model_is_not_overwritten(self):
        self.compress("--pass", "linear")
        small = str(self.folder / "small.onnx")
        before = pathlib.Path(small).read_bytes()
        done = run("compress", small, "--pass", "linear:bits=2", "--out", small)
        self.assertEqual(done.returncode, 2)
        self.assertEqual(pathlib.Path(small).read_bytes(), before)

    def test_the_list_names_every_pass(self):
        out = run("list", "passes").stdout
        for name in ("clip", "information", "integer", "kmeans", "linear", "logarithmic", "magnitude", "mixed",
                     "sub-integer"):
            self.assertRegex(out, rf"(?m)^{re.escape(name)} ")
        self.assertIn("offcut compress lenet5.onnx", run("compress", "--help").stdout)


if __name__ == "__main__":
    unittest.main()
