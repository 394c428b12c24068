#!/usr/bin/python3
"""offcut train: the same bytes for the same seed and after a kill, exits, teachers, early stopping, and one clear error for bad data."""
import csv
import os
import re
import signal
import struct
import subprocess
import time
import unittest

import numpy

from program import PROGRAM, SOURCE, InFolder, offcut

DIGITS = SOURCE / "models/data/digits"
LENET = ["train", "zoo:lenet5", "--dataset", "digits", "--epochs", "1", "--rate", "0.002"]
MLP = ["train", "zoo:mlp-s1", "--dataset", "blobs:features=10,classes=2,samples=400", "--rate", "0.02"]


def idx(array):
    """The bytes of an IDX file."""
    array = numpy.asarray(array, numpy.uint8)
    return struct.pack(f">{1 + array.ndim}I", 0x0800 + array.ndim, *array.shape) + array.tobytes()


class Train(InFolder):
    def rows(self, name):
        with open(self.folder / name, encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def bytes_of(self, name):
        return (self.folder / name).read_bytes()

    def samples(self, images, labels, folder="data"):
        """Writes a folder with a training part."""
        (self.folder / folder).mkdir(exist_ok=True)
        (self.folder / folder / "training-images-idx3-ubyte").write_bytes(idx(images))
        (self.folder / folder / "training-labels-idx1-ubyte").write_bytes(idx(labels))

    def test_the_same_seed_gives_the_same_bytes(self):
        for out, seed in [("a", 1), ("b", 1), ("c", 2)]:
            text = self.succeed(*MLP, "--epochs", "3", "--seed", str(seed), "--out", f"{out}.onnx", "--log", f"{out}.csv")
            self.assertIn("mlp-s1: 400 samples for training, 1000 for tests; binary-cross-entropy, adam\n", text)
            self.assertRegex(text, r"(?m)^sigmoid2: \d+ of 1000 test samples right, \d+\.\d\d % \(95 % interval: ")
        self.assertEqual(self.bytes_of("a.csv"), self.bytes_of("b.csv"))
        self.assertEqual(self.bytes_of("a.onnx").replace(b"a.onnx", b""), self.bytes_of("b.onnx").replace(b"b.onnx", b""))
        self.assertNotEqual(self.bytes_of("a.csv"), self.bytes_of("c.csv"))
        self.assertEqual([path.name for path in self.folder.glob("*.checkpoint")], [])
        rows = self.rows("a.csv")
        self.assertEqual([row["epoch"] for row in rows], ["1", "2", "3"])
        self.assertEqual([row["steps"] for row in rows], ["13", "26", "39"])
        self.assertGreater(float(rows[-1]["test_accuracy"]), 0.9)
        self.assertEqual(rows[0]["validation_loss"], "")

    def test_a_killed_run_goes_on_to_the_same_bytes(self):
        self.samples(numpy.random.default_rng(1).integers(0, 256, (600, 28, 28)), numpy.arange(600) % 10)
        arguments = ["train", "zoo:lenet5", "--dataset", "data", "--epochs", "30", "--augment", "affine", "--schedule", "cosine", "--log"]
        self.succeed(*arguments, "whole.csv", "--out", "whole.onnx")
        checkpoint = self.folder / "killed.onnx.checkpoint"
        for end in [signal.SIGKILL, signal.SIGINT]:
            with subprocess.Popen([PROGRAM, *map(str, arguments), "killed.csv", "--out", "killed.onnx", "--resume"], cwd=self.folder,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8") as process:
                before = checkpoint.stat().st_mtime_ns if checkpoint.exists() else 0
                while not checkpoint.exists() or checkpoint.stat().st_mtime_ns == before:
                    self.assertIsNone(process.poll(), "it ended before it could be killed")
                    time.sleep(0.01)
                process.send_signal(end)
                _, errors = process.communicate()
            self.assertEqual(process.returncode, -end)
            if end == signal.SIGINT:
                self.assertRegex(errors, r"offcut: interrupted; killed\.onnx\.checkpoint has \d+ epochs?; --resume goes on\n")
            self.assertFalse((self.folder / "killed.onnx").exists())
        self.assertEqual(self.refuse(*arguments, "killed.csv", "--out", "killed.onnx"),
                         "killed.onnx.checkpoint: error: is of an unfinished run: --resume goes on, --restart begins again\n")
        self.assertEqual(self.refuse(*arguments, "killed.csv", "--out", "killed.onnx", "--resume", "--seed", "2"),
                         "killed.onnx.checkpoint: error: can't be resumed: the state is of another run: network, data or options differ; "
                         "--restart begins again\n")
        whole = checkpoint.read_bytes()
        checkpoint.write_bytes(whole[:-9] + b"x" + whole[-8:])
        self.assertEqual(self.refuse(*arguments, "killed.csv", "--out", "killed.onnx", "--resume"),
                         "killed.onnx.checkpoint: error: can't be resumed: the state is not whole; --restart begins again\n")
        checkpoint.write_bytes(whole)
        self.assertRegex(self.succeed(*arguments, "killed.csv", "--out", "killed.onnx", "--resume"), r"(?m)^resumed after epoch \d+$")
        self.assertEqual(self.bytes_of("whole.csv"), self.bytes_of("killed.csv"))
        self.assertEqual(self.bytes_of("whole.onnx").replace(b"whole", b""), self.bytes_of("killed.onnx").replace(b"killed", b""))

    def test_the_trained_model_runs_in_batches_and_trains_on(self):
        self.succeed(*LENET, "--batch", "100", "--out", "one.onnx", "--quiet")
        text = self.succeed("inspect", "one.onnx", "--bind", "batch=7")
        self.assertIn("7x1x28x28", text)
        text = self.succeed("train", "one.onnx", *LENET[2:], "--freeze", "conv*", "--log", "two.csv", "--out", "two.onnx")
        self.assertGreater(float(self.rows("two.csv")[0]["test_accuracy"]), 0.9)
        self.assertEqual(self.refuse("train", "one.onnx", *LENET[2:], "--freeze", "*", "--out", "x.onnx"),
                         "one: error: all 10 weights of 'one' are frozen\n")

    def test_exits_have_rows_of_their_own(self):
        self.succeed("train", "zoo:branchy-lenet5", *LENET[2:], "--exits", "exit1_prob=0.5,prob", "--log", "log.csv", "--out", "x.onnx")
        rows = self.rows("log.csv")
        self.assertEqual([row["exit"] for row in rows], ["exit1_prob", "prob"])
        self.assertEqual(rows[0]["training_accuracy"], "")
        for column in ["training_loss", "test_loss"]:  # Each exit has its own.
            self.assertNotEqual(rows[0][column], rows[1][column])
        self.assertGreater(float(rows[0]["test_loss"]), float(rows[1]["test_loss"]) * 0.5)
        for row in rows:
            self.assertGreater(float(row["test_accuracy"]), 0.85)
        self.assertIn("--exits: error: the network has no output 'exit2_prob'; did you mean 'exit1_prob'?",
                      self.refuse("train", "zoo:branchy-lenet5", *LENET[2:], "--exits", "exit2_prob", "--out", "y.onnx"))

    def test_a_teacher(self):
        arguments = ["train", "zoo:mlp-s3", *LENET[2:], "--teacher", DIGITS / "digits_cnn.onnx", "--batch", "200", "--out", "x.onnx"]
        self.assertIn("; distillation, adam\n", self.succeed(*arguments))
        self.assertEqual(self.refuse(*arguments, "--loss", "cross-entropy"), "--teacher: error: the loss cross-entropy takes no teacher\n")
        self.assertEqual(self.refuse(*LENET, "--loss", "distillation", "--out", "y.onnx"),
                         "--teacher: error: is missing; the loss distillation needs one\n")

    def test_early_stopping_keeps_the_best_epoch(self):
        text = self.succeed("train", "zoo:mlp-s1", "--dataset", "blobs:features=10,classes=2,samples=400,distance=0.5", "--rate", "0.05",
                            "--epochs", "200", "--validate", "25 %", "--patience", "2", "--log", "log.csv", "--out", "x.onnx")
        rows = self.rows("log.csv")
        keys = [(-float(row["validation_accuracy"]), float(row["validation_loss"])) for row in rows]
        self.assertLess(len(rows), 200)
        self.assertEqual(keys.index(min(keys)), len(rows) - 3)
        self.assertIn(f"mlp-s1 after epoch {len(rows) - 2}, ", text)
        self.assertIn("300 samples for training, 100 for validation, 1000 for tests", text)

    def test_a_csv_file_without_a_test(self):
        numbers = numpy.random.default_rng(1).normal(size=(64, 10))
        lines = [",".join(map(repr, row)) + f",{int(row[0] > 0)}" for row in numbers.tolist()]
        (self.folder / "samples.csv").write_text("\n".join([",".join(f"x{i}" for i in range(10)) + ",label", *lines]), encoding="utf-8")
        text = self.succeed("train", "zoo:mlp-s1", "--dataset", "samples.csv", "--epochs", "2", "--out", "x.onnx")
        self.assertIn("mlp-s1: 64 samples for training; binary-cross-entropy, adam\n", text)

    def test_bad_data_is_one_clear_error(self):
        images = numpy.zeros((20, 28, 28))
        labels = numpy.arange(20) % 10
        arguments = ["train", "zoo:lenet5", "--dataset", "data", "--epochs", "1", "--out", "x.onnx"]
        file = "data/training-labels-idx1-ubyte"
        for bad_images, bad_labels, message in [
                (images, numpy.where(numpy.arange(20) == 13, 10, labels),
                 f"{file}: error: sample 13 (counted from 0) has the label 10, but the network has 10 classes, 0 to 9\n"),
                (images, numpy.where(labels == 4, 5, labels),
                 f"{file}: error: no sample of class 4, which the network can answer; classes are 0 to 9\n"),
                (numpy.zeros((20, 32, 32)), labels, "data/training-images-idx3-ubyte: error: the samples are 1x32x32, but the network's 'image' is 1x1x28x28\n"),
                (images[:0], labels[:0], "data/training-images-idx3-ubyte: error: holds no images\n"),
                (images[:19], labels, f"{file}: error: holds 20 labels, expected one for each of 19 images\n")]:
            with self.subTest(message):
                self.samples(bad_images, bad_labels)
                self.assertEqual(self.refuse(*arguments), message)
        self.samples(images, numpy.where(labels == 4, 5, labels))
        self.succeed(*arguments, "--missing-classes")

    def test_a_run_that_diverges_says_at_which_step_and_writes_nothing(self):
        result = offcut("train", "zoo:mlp-s3", "--dataset", "digits", "--epochs", "30", "--optimizer", "sgd", "--rate", "1e6", "--out", "y.onnx",
                        cwd=self.folder)
        self.assertEqual(result.returncode, 2)
        self.assertRegex(result.stderr, r"\Amlp-s3: error: training diverged: the .* is (NaN|-?infinity) at step \d+ \(epoch \d+\); ")
        self.assertEqual(list(self.folder.glob("y.onnx*")), [])

    def test_a_last_step_that_diverges_is_an_error_too(self):
        """The second step leaves weights that no later step reads, but the test does."""
        images, labels = numpy.random.default_rng(1).integers(0, 256, (40, 28, 28)), numpy.arange(40) % 10
        self.samples(images, labels)
        for part in ["test", ""]:
            with self.subTest(part):
                if part:
                    (self.folder / "data" / "test-images-idx3-ubyte").write_bytes(idx(images))
                    (self.folder / "data" / "test-labels-idx1-ubyte").write_bytes(idx(labels))
                    options, name = [], "test"
                else:
                    for kind in ["images-idx3", "labels-idx1"]:
                        (self.folder / "data" / f"test-{kind}-ubyte").unlink()
                    options, name = ["--validate", "50 %"], "validation"
                result = offcut("train", "zoo:branchy-lenet5", "--dataset", "data", "--epochs", "2", "--batch", "40", "--optimizer", "sgd",
                                "--rate", "1e6", *options, "--out", "y.onnx", "--log", "y.csv", cwd=self.folder)
                self.assertEqual(result.returncode, 2, result.stdout)
                self.assertRegex(result.stderr, rf"\Abranchy-lenet5: error: training diverged: the {name} loss is (NaN|-?infinity) after epoch 2; ")
                self.assertEqual(list(self.folder.glob("y.*")), [])

    def test_the_test_of_a_folder_has_the_columns_of_its_training(self):
        (self.folder / "data").mkdir()
        names = [f"x{i}" for i in range(10)]
        numbers = numpy.random.default_rng(1).normal(size=(64, 10))

        def write(part, order, header=None):
            lines = [",".join([*(repr(float(row[i])) for i in order), str(int(row[0] > 0))]) for row in numbers]
            header = header or [names[i] for i in order]
            (self.folder / "data" / f"{part}.csv").write_text("\n".join([",".join([*header, "label"]), *lines]) + "\n", encoding="utf-8")

        arguments = ["train", "zoo:mlp-s1", "--dataset", "data", "--epochs", "2", "--rate", "0.05", "--out", "x.onnx", "--log"]
        write("training", range(10))
        write("test", range(10))
        self.succeed(*arguments, "same.csv")
        write("test", range(9, -1, -1))
        self.succeed(*arguments, "other.csv")
        self.assertEqual(self.bytes_of("same.csv"), self.bytes_of("other.csv"))
        write("test", range(10), [*names[:9], "y"])
        self.assertEqual(self.refuse(*arguments, "x.csv"),
                         "data/test.csv:1:1: error: expected the columns of data/training.csv, but there is no 'x9', and 'y' beside them\n")
        write("test", range(9))
        self.assertEqual(self.refuse(*arguments, "x.csv"),
                         "data/test.csv:1:1: error: expected the columns of data/training.csv, but there is no 'x9'\n")

    def test_classes_beside_targets_name_the_file_with_floats(self):
        (self.folder / "data").mkdir()
        labels = numpy.arange(20) % 10
        for part in ["training", "test"]:
            numpy.save(self.folder / "data" / f"{part}-inputs.npy", numpy.zeros((20, 1, 28, 28), numpy.float32))
        for training, test, file, other in [(labels.astype(numpy.float32), labels, "training", "test"),
                                            (numpy.eye(10, dtype=numpy.float32)[labels], labels, "training", "test"),
                                            (labels, labels.astype(numpy.float64), "test", "training")]:
            numpy.save(self.folder / "data" / "training-labels.npy", training)
            numpy.save(self.folder / "data" / "test-labels.npy", test)
            self.assertEqual(self.refuse("train", "zoo:lenet5", "--dataset", "data", "--epochs", "1", "--out", "x.onnx"),
                             f"data/{file}-labels.npy: error: holds floats, the targets of a regression, but data/{other}-labels.npy holds "
                             "integers, a class for each sample; expected integers for classes in both, or floats in both\n")

    def test_exits_are_stated_once_and_some_of_them_trains(self):
        for exits, message in [("prob,prob=0.5", "exit 'prob' is stated twice"),
                               ("prob=0", "every exit has the weight 0, so that nothing would be trained")]:
            self.assertEqual(self.refuse("train", "zoo:branchy-lenet5", *LENET[2:], "--exits", exits, "--out", "x.onnx"),
                             f"--exits: error: {message}\n")

    def test_no_epochs_only_judge(self):
        """A network of ten classes, whose weights are random, is right about once in ten. The same as after training, if it is judged
        again, and nothing is written."""
        text = self.succeed("train", "zoo:softmax-regression", "--dataset", "digits", "--epochs", "1", "--out", "new.onnx")
        right = re.search(r": (\d+) of 2000 test samples right, ", text)[0]
        before = self.files()
        self.assertIn(right, self.succeed("train", "new.onnx", "--dataset", "digits", "--epochs", "0"))
        self.assertEqual(self.files(), before)
        self.assertEqual(self.refuse("train", "new.onnx", "--dataset", "digits", "--epochs", "0", "--out", "x.onnx"),
                         "--out: error: --epochs 0 only judges the model, and writes nothing\n")
        self.assertEqual(self.refuse("train", "new.onnx", "--dataset", "digits", "--epochs", "1"),
                         "--out: error: is missing: the ONNX file to write\n")

    def test_all_errors_of_options_at_once(self):
        text = self.refuse("train", "zoo:lenet5", "--dataset", "digits", "--epochs", "-1", "--batch", "0", "--rate", "-1", "--loss", "crossentropy",
                           "--optimizer", "adam:beta=1", "--schedule", "cosin", "--augment", "affine:shift=x", "--clip", "0", "--seed", "a",
                           "--exits", "prob=-1", "--validate", "2", "--patience", "0", "--decay", "2", "--resume", "--restart", "--out", "x.onnx")
        expected = ["--epochs: error: expected 1 to 1000000, got -1",
                    "--batch: error: expected 1 to 1000000, got 0",
                    "--rate: error: expected a number above 0, up to 1e+06, got -1",
                    "--loss: error: there is no loss 'crossentropy'; did you mean 'cross-entropy'?",
                    "--optimizer: error: adam has no parameter 'beta'; did you mean 'beta1'?",
                    "--schedule: error: there is no schedule 'cosin'; did you mean 'cosine'?",
                    "--augment: error: shift: ",
                    "--clip: error: expected a number above 0",
                    "--seed: error: expected a whole number from 0 on, got 'a'",
                    "--exits: error: expected OUTPUT=WEIGHT with a weight from 0 on, got 'prob=-1'",
                    "--patience: error: expected 1 to 1000000, got 0",
                    "--validate: error: expected a share up to 90 %, got '2'",
                    "--resume: error: expected either this or --restart"]
        lines = text.splitlines()
        for line in expected:
            self.assertTrue(any(found.startswith(line) for found in lines), (line, text))
        self.assertEqual(len(lines), len(expected), text)

    def test_outputs_are_checked_before_the_work(self):
        for arguments, message in [
                (["--out", "no/x.onnx"], "no/x.onnx: error: cannot be written: there is no folder 'no'\n"),
                (["--out", "x.onnx", "--log", "x.onnx"], "x.onnx: error: is stated for two outputs\n"),
                (["--out", "."], ".: error: cannot be written: is a folder\n")]:
            self.assertEqual(self.refuse(*LENET, *arguments), message)
        (self.folder / "samples.csv").write_text("x,label\n1,0\n2,1\n", encoding="utf-8")
        text = self.refuse("train", "zoo:mlp-s1", "--dataset", "samples.csv", "--epochs", "1", "--out", "x.onnx", "--log", "samples.csv")
        self.assertEqual(text, "samples.csv: error: is an input of this command; --log would replace it\n")

    def test_a_pipe_or_a_folder_is_no_file_of_samples(self):
        os.mkfifo(self.folder / "pipe.csv")
        os.mkfifo(self.folder / "pipe")
        (self.folder / "data").mkdir()
        os.mkfifo(self.folder / "data" / "training.csv")
        (self.folder / "other").mkdir()
        (self.folder / "other" / "training.csv").mkdir()
        (self.folder / "text.txt").write_text("x,label\n1,0\n", encoding="utf-8")
        pipe = "is a pipe, expected a file: samples are read more than once"
        for name, message in [("pipe.csv", f"pipe.csv: error: {pipe}\n"), ("pipe", f"pipe: error: {pipe}\n"),
                              ("data", f"data/training.csv: error: {pipe}\n"),
                              ("other", "other/training.csv: error: is a folder, expected a file\n"),
                              ("text.txt", "text.txt: error: expected the name of a data set, a folder, or a file *.csv\n")]:
            self.assertEqual(self.refuse("train", "zoo:mlp-s1", "--dataset", name, "--epochs", "1", "--out", "x.onnx"), message)

    def test_training_keeps_integers_and_codebooks_of_the_file(self):
        for name, passes in [("integers", ["--pass", "linear"]), ("codebook", ["--pass", "magnitude:rate=0.8", "--pass", "kmeans:bits=4"])]:
            with self.subTest(name):
                self.succeed("compress", "zoo:lenet5", *passes, "--out", f"{name}.onnx")
                text = self.succeed("train", f"{name}.onnx", *LENET[2:], "--batch", "200", "--out", "trained.onnx")
                self.assertNotIn("note:", text)
                before = (self.folder / f"{name}.onnx").stat().st_size
                self.assertLess((self.folder / "trained.onnx").stat().st_size, 1.03 * before)
                text = self.succeed("train", f"{name}.onnx", *LENET[2:], "--batch", "200", "--floats", "--out", "floats.onnx")
                self.assertIn("note: weight 'conv2.weight' is stored as integers or in a codebook, but read as floats: --floats\n", text)
                self.assertGreater((self.folder / "floats.onnx").stat().st_size, 240000)
                text = self.succeed("train", f"{name}.onnx", *LENET[2:], "--batch", "200", "--init", "3", "--out", "fresh.onnx")
                self.assertIn("but read as floats: --init gives it fresh weights\n", text)

    def test_unknown_data_sets(self):
        self.assertEqual(self.refuse("train", "zoo:lenet5", "--dataset", "digit", "--epochs", "1", "--out", "x.onnx"),
                         "--dataset: error: there is no data set, folder or CSV file 'digit'; did you mean 'digits'?\n")
        text = self.refuse("train", "zoo:lenet5", "--dataset", "fashion-mnist:folder=none", "--epochs", "1", "--out", "x.onnx")
        self.assertIn("install Debian's package dataset-fashion-mnist", text)

    def test_lists(self):
        for kind, name in [("datasets", "fashion-mnist"), ("losses", "distillation"), ("optimizers", "adamw"), ("schedules", "cosine"),
                           ("augmentations", "bend"), ("gradients", "Conv")]:
            self.assertRegex(self.succeed("list", kind), rf"(?m)^{name} ")


if __name__ == "__main__":
    unittest.main()
