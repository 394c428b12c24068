#!/usr/bin/python3
"""The Dockerfile, as far as it can be checked without Docker: known instructions, files that are there and are not ignored,
stages that exist, commands of ./dev, an ordinary user at the end, no hosts. tests/package/debian_test.sh runs the commands of
its last stage. With --last-run, it prints those commands.
"""
import fnmatch
import json
import re
import sys
import unittest

from sources import ROOT

KNOWN = {"FROM", "WORKDIR", "COPY", "RUN", "USER", "ENTRYPOINT", "CMD"}


def instructions():
    """The stages: lists of pairs of an instruction and its text."""
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    stages = []
    for line in re.sub(r"\\\n\s*", "", text).splitlines():
        if line.strip():
            word, _, rest = line.partition(" ")
            if word == "FROM":
                stages.append([])
            stages[-1].append((word, rest.strip()))
    return stages


def ignored(path):
    patterns = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    return any(fnmatch.fnmatch(path, pattern) or path.startswith(pattern + "/") for pattern in patterns)


class Dockerfile(unittest.TestCase):
    def setUp(self):
        self.stages = instructions()

    def test_instructions_and_images(self):
        self.assertEqual(len(self.stages), 2)
        for stage in self.stages:
            self.assertLessEqual({word for word, _ in stage}, KNOWN)
            self.assertRegex(stage[0][1], r"^debian:12(-slim)?( AS \w+)?$")
        for word, rest in self.stages[-1]:
            if word in ("ENTRYPOINT", "CMD"):
                self.assertTrue(all(isinstance(part, str) for part in json.loads(rest)))

    def test_what_is_copied_exists(self):
        names = [stage[0][1].partition(" AS ")[2] for stage in self.stages]
        for number, stage in enumerate(self.stages):
            for word, rest in stage:
                if word != "COPY":
                    continue
                *sources, _ = rest.split()
                if sources[0].startswith("--from="):
                    self.assertIn(sources[0].removeprefix("--from="), names[:number])
                    preset = next(preset for preset in json.loads((ROOT / "CMakePresets.json").read_text())["packagePresets"])
                    folder = preset["packageDirectory"].replace("${sourceDir}", dict(self.stages[0])["WORKDIR"])
                    self.assertEqual([source.rpartition("/")[0] for source in sources[1:]], [folder])
                    continue
                for source in sources:
                    self.assertTrue((ROOT / source).exists(), source)
                    self.assertFalse(ignored(source), source)

    def test_the_build_has_its_files(self):
        for path in ("dev", ".ci/packages", "CMakeLists.txt", "CMakePresets.json", "cmake/packaging.cmake", "LICENSE", "docs/README.md"):
            self.assertTrue((ROOT / path).exists(), path)
            self.assertFalse(ignored(path), path)
        self.assertTrue(ignored("build/release/offcut"))
        commands = [rest for word, rest in self.stages[0] if word == "RUN"]
        self.assertEqual(commands, ["./dev package"])
        self.assertRegex((ROOT / "dev").read_text(encoding="utf-8"), r"(?m)^  package\)$")

    def test_the_last_stage_has_an_ordinary_user_and_no_hosts(self):
        words = [word for word, _ in self.stages[-1]]
        self.assertGreater(words.index("USER"), words.index("RUN"))
        user = dict(self.stages[-1])["USER"]
        self.assertNotIn(user, ("root", "0"))
        self.assertIn(f"useradd --create-home {user}", dict(self.stages[-1])["RUN"])
        self.assertNotRegex((ROOT / "Dockerfile").read_text(encoding="utf-8"), r"://|\b[\w-]+\.(?:org|com|net|io)\b")


if __name__ == "__main__":
    if sys.argv[1:] == ["--last-run"]:
        print(dict(instructions()[-1])["RUN"])
    else:
        unittest.main()
