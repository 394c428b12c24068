#!/usr/bin/python3
"""An option that names a file to be written may not name one that the command reads: it is refused before anything is done."""
import os
import shutil
import unittest

import numpy
import onnx

from program import SCENARIO, SOURCE, TWO_PROFILES, InFolder

IMPORTED = SOURCE / "tests/models/cost/data/lenet5_onnxruntime.json"


class Overwriting(InFolder):
    def setUp(self):
        super().setUp()
        shutil.copy(SOURCE / "models/data/digits/digits_cnn.onnx", self.folder / "m.onnx")
        shutil.copy(IMPORTED, self.folder / "theirs.json")
        shutil.copytree(SOURCE / "models/data/digits", self.folder / "digits")
        (self.folder / "two.csv").write_text(TWO_PROFILES, encoding="utf-8")
        numpy.save(self.folder / "x.npy", numpy.zeros((1, 1, 28, 28), numpy.float32))

    def refuse_unchanged(self, path, *arguments):
        """Returns the error of a call that must leave the file as it is."""
        before = (self.folder / path).read_bytes()
        error = self.refuse(*arguments)
        self.assertEqual((self.folder / path).read_bytes(), before)
        return error

    def test_a_file(self):
        image = next(path.name for path in (self.folder / "digits").iterdir() if "images" in path.name)
        codecs = ["codecs", "m.onnx", "--cut", "relu4", "--codec", "int8"]
        for arguments, option, path in [
            (["run", "small.yaml"], "--decisions", "small.yaml"),
            (["run", "small.yaml"], "--decisions", "layers.csv"),
            (["run", "small.yaml"], "--timeline", "layers.csv"),
            (["plan", "small.yaml"], "--dot", "small.yaml"),
            (["plan", "small.yaml"], "--dot", "layers.csv"),
            (["inspect", "m.onnx"], "--out", "m.onnx"),
            (["inspect", "layers.csv"], "--out", "layers.csv"),
            (["export", "m.onnx"], "--out", "m.onnx"),
            (["profile", "m.onnx", "--rounds", "1"], "--out", "m.onnx"),
            (["profile", "zoo:lenet5", "--from", "theirs.json"], "--out", "theirs.json"),
            (["fit", "two.csv"], "--out", "two.csv"),
            ([*codecs, "--samples", "1"], "--out", "m.onnx"),
            ([*codecs, "--dataset", "digits"], "--out", f"digits/{image}"),
        ]:
            with self.subTest(command=arguments[0], path=path):
                self.assertEqual(self.refuse_unchanged(path, *arguments, option, path),
                                 f"{path}: error: is an input of this command; {option} would replace it\n")
                for name in ("hard", "soft", "./hard"):
                    for link in ("hard", "soft"):
                        (self.folder / link).unlink(missing_ok=True)
                    os.link(self.folder / path, self.folder / "hard")
                    (self.folder / "soft").symlink_to(path)
                    self.assertEqual(self.refuse_unchanged(path, *arguments, option, name),
                                     f"{name}: error: is the same file as the input '{path}'; {option} would replace it\n")

    def test_a_file_in_a_folder(self):
        output = self.succeed("infer", "m.onnx", "--input", "x.npy", "--out", "answer").splitlines()[3].split()[0]
        shutil.copy(self.folder / "x.npy", self.folder / f"{output}.npy")
        self.succeed("split", "m.onnx", "--cut", "relu4", "--out", "parts")
        part = self.folder / "parts/0-device.onnx"
        shutil.copy(self.folder / "small.yaml", self.folder / "resolved.yaml")
        shutil.copy(self.folder / "layers.csv", self.folder / "plan.csv")
        scenario = SCENARIO.replace("layers.csv", "plan.csv")
        (self.folder / "other.yaml").write_text(scenario, encoding="utf-8")
        for arguments, out, path in [
            (["infer", "m.onnx", "--input", f"{output}.npy"], ".", f"{output}.npy"),
            (["split", part, "--cut", "relu2"], "parts", "parts/0-device.onnx"),
            (["run", "resolved.yaml", "--seed", "3"], ".", "resolved.yaml"),
            (["run", "other.yaml"], ".", "plan.csv"),
            (["plan", "other.yaml"], ".", "plan.csv"),
        ]:
            with self.subTest(command=arguments[0], path=path):
                self.assertIn("; --out would replace it\n", self.refuse_unchanged(path, *arguments, "--out", out))

    def test_the_data_file_of_a_model(self):
        """Its weights are read on first use, so that it counts as an input of all commands that read the model."""
        self.succeed("export", "m.onnx", "--external-data", "--out", "other.onnx")
        (self.folder / "parts").mkdir()
        model = onnx.load(str(self.folder / "other.onnx"), load_external_data=False)
        for tensor in model.graph.initializer:
            for entry in tensor.external_data:
                if entry.key == "location":
                    entry.value = "parts/0-device.onnx.data"
        onnx.save(model, str(self.folder / "user.onnx"))
        data = "parts/0-device.onnx.data"
        (self.folder / "other.onnx.data").rename(self.folder / data)
        (self.folder / "soft.onnx.data").symlink_to(data)
        self.assertEqual(self.refuse_unchanged(data, "export", "user.onnx", "--external-data", "--out", "soft.onnx"),
                         f"soft.onnx.data: error: is the same file as the input '{data}'; --out would replace it\n")
        (self.folder / "parts/0-device.onnx").touch()
        (self.folder / "link.onnx").symlink_to("parts/0-device.onnx")
        self.assertIn(": error: is the same file as the input 'parts/0-device.onnx.data'; --out would replace it\n",
                      self.refuse_unchanged(data, "export", "user.onnx", "--external-data", "--out", "link.onnx"))
        for arguments, out in [
            (["export", "user.onnx"], data),
            (["export", "user.onnx", "--external-data"], "parts/0-device.onnx"),
            (["inspect", "user.onnx"], data),
            (["profile", "user.onnx", "--rounds", "1"], data),
            (["split", "user.onnx", "--cut", "relu4"], "parts"),
            (["split", "user.onnx", "--cut", "relu4", "--external-data"], "parts"),
        ]:
            with self.subTest(arguments=arguments, out=out):
                self.assertEqual(self.refuse_unchanged(data, *arguments, "--out", out),
                                 f"{data}: error: is an input of this command; --out would replace it\n")
        # Without a data file of its own, the new model leaves the old one's alone.
        self.succeed("export", "user.onnx", "--out", "parts/0-device.onnx")
        self.assertEqual(sorted(self.files("parts")), ["0-device.onnx", "0-device.onnx.data"])

    def test_a_resolved_scenario_runs_again_in_its_place(self):
        """Unchanged, it is replaced by the same bytes."""
        self.succeed("run", "small.yaml", "--out", "out")
        before = (self.folder / "out/resolved.yaml").read_bytes()
        self.succeed("run", "out/resolved.yaml", "--out", "out")
        self.assertEqual((self.folder / "out/resolved.yaml").read_bytes(), before)
        self.assertEqual(self.refuse("run", "out/resolved.yaml", "--set", "seed=2", "--out", "out"),
                         "out/resolved.yaml: error: is an input of this command; --out would replace it\n")

    def test_a_resolved_scenario_names_the_folder_of_its_results(self):
        """Without --out, it runs again in its place, too, unless it is changed."""
        self.succeed("run", "small.yaml")
        before = {path.name: path.read_bytes() for path in (self.folder / "results/small").iterdir()}
        self.succeed("run", "results/small/resolved.yaml")
        self.assertEqual({path.name: path.read_bytes() for path in (self.folder / "results/small").iterdir()}, before)
        self.assertEqual(self.refuse_unchanged("results/small/resolved.yaml", "run", "results/small/resolved.yaml", "--seed", "2"),
                         "results/small/resolved.yaml: error: is an input of this command; without --out, the run would replace it\n")
        self.succeed("run", "results/small/resolved.yaml", "--seed", "2", "--set", "scenario=other")
        self.assertEqual({path.name: path.read_bytes() for path in (self.folder / "results/small").iterdir()}, before)
        self.assertTrue((self.folder / "results/other/resolved.yaml").exists())

    def test_a_folder_with_results_of_another_command(self):
        (self.folder / "sweep.yaml").write_text("base: small.yaml\nvary: {seed: [1, 2]}\n", encoding="utf-8")
        for command, marker, kind in [(("run", "small.yaml"), "sweep.journal", "of a sweep"),
                                      (("sweep", "sweep.yaml"), "resolved.yaml", "of a run")]:
            folder = self.folder / f"with-{marker}"
            folder.mkdir()
            (folder / marker).touch()
            self.assertIn(f"has the results {kind} ({marker}): --out takes another folder",
                          self.refuse(*command, "--out", str(folder)))
            self.assertEqual([path.name for path in folder.iterdir()], [marker])

    def test_what_is_no_file_counts_for_nothing(self):
        self.succeed("inspect", "m.onnx", "--out", "/dev/null")
        self.succeed("run", "small.yaml", "--out", "out", "--decisions", "/dev/null")


if __name__ == "__main__":
    unittest.main()
