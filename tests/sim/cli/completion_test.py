#!/usr/bin/python3
"""Completion: what the program offers, and that bash, zsh and fish offer just that. A shell that is not installed is skipped."""
import os
import pathlib
import pty
import re
import select
import shutil
import subprocess
import tempfile
import time
import unittest

from program import PROGRAM, SCENARIO, SOURCE, TABLE, TIMEOUT_S, InFolder, offcut

FOLDER = str(pathlib.Path(PROGRAM).parent)
ENVIRONMENT = {**os.environ, "PATH": f"{FOLDER}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8", "TERM": "dumb"}
# The words after `offcut`, of which the last one is completed, for comparison in each shell.
LINES = [["run", "--"], ["plan", ""], ["plan", "small.yaml", "--pareto", "latency,"], ["inspect", "zoo:"], ["list", "co"],
         ["run", "small.yaml", "--set", "tiers.device."], ["infer", "zoo:lenet5", "--engine="], ["codecs", "--codec", "kmeans:"],
         [""], ["plot", "--format", ""], ["export", "x.onnx", "--out", "sub"], ["split", ""], ["plan", "small.yaml", "--out", ""]]


def offered(words, cwd):
    """The files that fit, and the words, as the program says."""
    result = offcut("__complete", *words, cwd=cwd)
    assert result.returncode == 0 and result.stderr == "", result
    files, *lines = result.stdout.splitlines()
    return files, [line.split("\t")[0] for line in lines]


def expected(words, cwd):
    """The words and paths that a shell should offer."""
    files, found = offered(words, cwd)
    before, _, path = words[-1].rpartition("=") if words[-1].startswith("--") else ("", "", words[-1])
    if files != "none":
        for entry in sorted(cwd.iterdir()):
            endings = files.split()[1:]
            fits = entry.is_dir() or files == "files" or any(entry.name.endswith(ending) for ending in endings)
            if fits and entry.name.startswith(path):
                found.append(f"{before}={entry.name}" if before else entry.name)
    return sorted(found)


class InShell(InFolder):
    def setUp(self):
        super().setUp()
        (self.folder / "sub").mkdir()
        (self.folder / "net.onnx").write_text("", encoding="utf-8")


class Program(InShell):
    def test_options_are_those_of_the_help(self):
        commands = re.findall(r"(?m)^  ([a-z]+) ", offcut("--help").stdout.partition("Commands:")[2])
        self.assertEqual(offered([""], self.folder)[1], commands)
        for command in commands:
            help_text = offcut(command, "--help").stdout
            options = [name for names in re.findall(r"(?m)^  (-[a-z-]+(?:, --[a-z-]+)?)", help_text) for name in names.split(", ")]
            self.assertEqual(offered([command, "-"], self.folder)[1], options)

    def test_values(self):
        for words, files, values in [
            (["plan", ""], "files .yaml .yml", []),
            (["plan", "small.yaml", "--out", ""], "folders", []),
            (["infer", "zoo:lenet5", "--engine", ""], "none", ["fast", "reference"]),
            (["infer", "zoo:lenet5", "--engine=f"], "none", ["--engine=fast"]),
            (["plot", "--format", ""], "none", ["svg", "png", "pdf"]),
            (["screen", "--method", "s"], "none", ["sobol"]),
            (["inspect", "zoo:lenet"], "files .onnx .csv", ["zoo:lenet-s4", "zoo:lenet5"]),
            (["plan", "x", "--pareto", "latency,en"], "none", ["latency,energy"]),
            (["codecs", "x", "--codec", "kmeans:c"], "none", ["kmeans:clusters="]),
            (["list", "columns", "plans"], "none", ["plans.csv"]),
            (["list", "keys", "tiers.TIER.cold"], "none", ["tiers.TIER.cold-start"]),
            (["completion", ""], "none", ["bash", "fish", "zsh"]),
            (["man", "val"], "none", ["validate"]),
            (["run", "--seed", ""], "none", []),
            (["run", "a.yaml", "b.yaml"], "none", []),
            (["validate", "a.yaml", "b"], "files .yaml .yml", []),
            (["run", "-q", "--set", "seed=1", "--", "--"], "files .yaml .yml", []),
            (["run", "small.yaml", "-q", "--q"], "none", []),
            (["nonsense", ""], "none", []),
            (["--v"], "none", ["--version"]),
        ]:
            self.assertEqual(offered(words, self.folder), (files, values), words)

    def test_names_come_from_the_registries(self):
        for words, kind in [(["split", "--algorithm", ""], "algorithms"), (["codecs", "--codec", ""], "codecs"),
                            (["predict", "--on", ""], "devices"), (["compress", "--pass", ""], "passes"), (["plot", "--kind", ""], "plots"),
                            (["train", "--loss", ""], "losses"), (["train", "--dataset", ""], "datasets")]:
            names = [line.split()[0] for line in offcut("list", kind).stdout.split("\n\n")[0].splitlines()[1:]]
            self.assertEqual(offered(words, self.folder)[1], list(dict.fromkeys(names)), kind)

    def test_settings_are_those_of_the_scenario(self):
        keys = offered(["run", "small.yaml", "--set", ""], self.folder)[1]
        for key in ["tiers.device.count=", "network.device-cloud.up=", "seed=", "stop.requests=", "workload.rate="]:
            self.assertIn(key, keys)
            value = {"seed": "3", "tiers.device.count": "2", "stop.requests": "10"}.get(key[:-1], "1 MB/s" if "up" in key else "1 /s")
            self.succeed("validate", "small.yaml", "--set", key + value)
        # Without a scenario, or with one that is broken, there are those that all scenarios have.
        (self.folder / "broken.yaml").write_text("offcut: [", encoding="utf-8")
        for words in [["run", "--set", ""], ["run", "broken.yaml", "--set", ""]]:
            keys = offered(words, self.folder)[1]
            self.assertIn("seed=", keys)
            self.assertFalse([key for key in keys if "device" in key.split(".")])

    def test_hostile_names_stay_on_their_lines(self):
        text = SCENARIO.replace("  cloud:", '  "c\\e[31m\\t\\nd":').replace("device-cloud", '"device-c\\e[31m\\t\\nd"')
        (self.folder / "hostile.yaml").write_text(text, encoding="utf-8")
        result = self.run_here("__complete", "run", "hostile.yaml", "--set", "")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertNotIn("\x1b", result.stdout)
        self.assertTrue(all(line.count("\t") == 1 for line in result.stdout.splitlines()[1:]))

    def test_templates_and_schemas(self):
        templates = sorted(file.stem for file in (SOURCE / "scenarios/templates").glob("*.yaml"))
        self.assertEqual(offered(["init", "--from", ""], self.folder)[1], templates)
        self.assertIn("scenario", offered(["schema", ""], self.folder)[1])

    def test_an_unknown_shell(self):
        self.assertEqual(self.refuse("completion", "bsh"),
                         "offcut completion: error: there is no script for 'bsh'; did you mean 'bash'?\n")


class Shell(InShell):
    """The lists of each shell, without a terminal."""

    def compare(self, run):
        for words in LINES:
            with self.subTest(words=words):
                found = sorted(path.removesuffix("/") for path in run(words))
                self.assertEqual(found, expected(words, self.folder))

    def output(self, *command):
        result = subprocess.run(command, cwd=self.folder, env=ENVIRONMENT, capture_output=True, encoding="utf-8", timeout=TIMEOUT_S,
                                stdin=subprocess.DEVNULL, check=False)
        self.assertEqual((result.returncode, result.stderr), (0, ""), command)
        return result.stdout.splitlines()

    @unittest.skipUnless(shutil.which("bash"), "bash is not installed")
    def test_bash(self):
        def run(words):
            # Bash hands over words that are split at ':' and '=', and wants what follows the last of them.
            parts = [part for word in ["offcut", *words] for part in (re.findall(r"[:=]|[^:=]+", word) or [""])]
            tail = re.match(r"(.*[:=])?", words[-1])[0]
            script = ('eval "$(offcut completion bash)"; compopt() { :; }; COMP_LINE=$1; COMP_POINT=${#1}; shift; COMP_WORDS=("$@"); '
                      'COMP_CWORD=$(($# - 1)); COMP_WORDBREAKS=" =:"; _offcut; ((${#COMPREPLY[@]} == 0)) || printf "%s\\n" "${COMPREPLY[@]}"')
            found = self.output("bash", "--norc", "-c", script, "bash", " ".join(["offcut", *words]), *parts)
            return [tail + word for word in found]
        self.compare(run)

    @unittest.skipUnless(shutil.which("zsh"), "zsh is not installed")
    def test_zsh(self):
        def run(words):
            # Files are left to zsh's own _files: it gets a glob, and the word without the option.
            script = ('compdef() { :; }; eval "$(offcut completion zsh)"; compadd() { print -rl -- "${(@P)@[-1]}" }\n'
                      'compset() { before=${PREFIX%%=*}=; PREFIX=${PREFIX#*=} }; _files() { print -- "FILES\\t$before\\t$PREFIX\\t$*" }\n'
                      'words=("$@"); CURRENT=$#; PREFIX=${words[-1]}; _offcut; true')
            found = []
            for line in self.output("zsh", "-f", "-c", script, "zsh", "offcut", *words):
                if not line.startswith("FILES\t"):
                    found.append(line)
                    continue
                _, before, path, arguments = line.split("\t")
                endings = re.fullmatch(r"(?:-g \*\((.*)\)\(-\.\)|-/)?", arguments)
                for entry in self.folder.iterdir():
                    fits = entry.is_dir() or arguments == "" or entry.name.endswith(tuple((endings[1] or "/").split("|")))
                    if fits and entry.name.startswith(path):
                        found.append(before + entry.name)
            return found
        self.compare(run)

    @unittest.skipUnless(shutil.which("fish"), "fish is not installed")
    def test_fish(self):
        script = "offcut completion fish | source; complete -C $argv[1]"

        def run(words):
            return [line.split("\t")[0] for line in self.output("fish", "--no-config", "-c", script, " ".join(["offcut", *words]))]
        self.compare(run)


class Typed(InShell):
    """A shell on a terminal, in which keys are pressed."""

    def typed(self, command, setup, lines):
        """The words of each line after its TAB keys, as the shell would run them."""
        process, terminal = pty.fork()
        if process == 0:
            os.chdir(self.folder)
            os.execvpe(command[0], command, {**ENVIRONMENT, "HOME": str(self.folder), "PS1": "> "})
        seen = ""

        def wait_for(text):
            nonlocal seen
            end = time.monotonic() + TIMEOUT_S
            while text not in seen:
                if not select.select([terminal], [], [], end - time.monotonic())[0]:
                    self.fail(f"no {text!r} in {seen!r}")
                seen += os.read(terminal, 65536).decode(errors="replace")
        try:
            os.write(terminal, f"{setup}; show() {{ printf '<%s>' \"$@\"; echo END$((6 * 7)); }}\r".encode())
            found = []
            for line, words in zip(lines, self.WORDS):
                # Ctrl-A goes to the beginning of the line.
                os.write(terminal, f"{line}\x01show \r".encode())
                wait_for("END42")
                printed = re.findall(r"<([^<>]*)>", seen.partition("END42")[0])[-len(words):]
                found.append([word.removesuffix("/") for word in printed])  # Zsh takes the slash back.
                seen = ""
            return found
        finally:
            os.write(terminal, b"\x15exit\r")
            os.close(terminal)
            os.waitpid(process, 0)

    LINES = ["offcut val\tsm\t", "offcut inspect zoo:lenet5\t", "offcut export zoo:squee\t", "offcut plan small.yaml --expl\t--set tiers.device.cou\t7",
             "offcut infer zoo:lenet5 --engine=fa\t", "offcut export net.o\t--out su\t"]
    WORDS = [["offcut", "validate", "small.yaml"], ["offcut", "inspect", "zoo:lenet5"], ["offcut", "export", "zoo:squeezenet"],
             ["offcut", "plan", "small.yaml", "--explain", "--set", "tiers.device.count=7"],
             ["offcut", "infer", "zoo:lenet5", "--engine=fast"], ["offcut", "export", "net.onnx", "--out", "sub"]]

    @unittest.skipUnless(shutil.which("bash"), "bash is not installed")
    def test_bash(self):
        self.assertEqual(self.typed(["bash", "--norc", "-i"], 'eval "$(offcut completion bash)"', self.LINES), self.WORDS)

    @unittest.skipUnless(shutil.which("zsh"), "zsh is not installed")
    def test_zsh(self):
        setup = 'autoload -Uz compinit; compinit -D -u; eval "$(offcut completion zsh)"'
        self.assertEqual(self.typed(["zsh", "-f", "-i"], setup, self.LINES), self.WORDS)


if __name__ == "__main__":
    unittest.main()
