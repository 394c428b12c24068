#!/usr/bin/python3
"""offcut_plugins() in a small project: it registers every file, and refuses a name that cannot be part of a function's.

The project is configured only, without a compiler, which takes a tenth of a second.
"""
import pathlib
import subprocess
import tempfile
import unittest

from sources import ROOT

PROJECT = f"""cmake_minimum_required(VERSION 3.25)
project(small LANGUAGES NONE)
include({ROOT}/cmake/offcut_plugins.cmake)
add_custom_target(offcut_partition)
offcut_plugins(partition algorithms register_algorithms Algorithm partition/algorithm.h)
"""


class PluginsTest(unittest.TestCase):
    def configure(self, *names):
        """What CMake says of a project with these files, and the file that it generates, or None."""
        with tempfile.TemporaryDirectory() as folder:
            source, build = pathlib.Path(folder, "source"), pathlib.Path(folder, "build")
            (source / "algorithms").mkdir(parents=True)
            (source / "CMakeLists.txt").write_text(PROJECT, encoding="utf-8")
            for name in names:
                (source / "algorithms" / name).write_text("", encoding="utf-8")
            done = subprocess.run(["cmake", "-S", source, "-B", build], capture_output=True, text=True)
            generated = build / "register_algorithms.cpp"
            self.assertEqual(done.returncode == 0, generated.exists())
            return done.stderr, generated.read_text(encoding="utf-8") if generated.exists() else None

    def test_every_file_is_registered_in_the_order_of_names(self):
        errors, generated = self.configure("min_cut.cpp", "2_opt.cpp", "Exact.cpp")
        self.assertEqual(errors, "")
        calls = [line.strip() for line in generated.splitlines() if line.endswith("(registry);")]
        self.assertEqual(calls, [f"register_{stem}(registry);" for stem in ("2_opt", "Exact", "min_cut")])
        for call in calls:
            self.assertIn(f"void {call.removesuffix('(registry);')}(Registry<Algorithm>&);\n", generated)

    def test_a_name_that_cannot_be_part_of_a_functions_name_is_an_error_that_says_the_rule(self):
        for name, valid in (("hill-climb.cpp", "hill_climb.cpp"), ("hill.climb.cpp", "hill_climb.cpp"),
                            ("hill climb.cpp", "hill_climb.cpp"), ("steil\u00e4.cpp", "steil_.cpp")):
            with self.subTest(name=name):
                errors, _ = self.configure("min_cut.cpp", name)
                said = " ".join(errors.split())
                self.assertIn(f"algorithms/{name}: the file's name must consist of letters, digits and underscores", said)
                self.assertIn(f"for example to {valid};", said)


if __name__ == "__main__":
    unittest.main()
