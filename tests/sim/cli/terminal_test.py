#!/usr/bin/python3
"""Output on a terminal: tables that fit its width, wrapped lists and help, colour, and progress bars. A pipe gets full tables,
and neither colour nor progress."""
import re
import subprocess
import unittest

from program import PROGRAM, SOURCE, TIMEOUT_S, TWO_PROFILES, InFolder, Terminal, offcut, on_terminal

LISTS = ["devices", "links", "models", "algorithms", "arrivals", "operators", "codecs", "queues", "batching", "dispatch",
         "admission", "autoscaling", "estimators", "loads", "replanning", "mobility", "rates", "trace-formats", "columns", "keys"]
COMMANDS = ["run", "sweep", "compare", "size", "recommend", "screen", "plan", "validate", "inspect", "infer", "codecs", "export", "split", "profile", "fit", "predict", "list"]
NOTE = re.compile(r"(?m)^not shown at \d+ columns: (.*(?:\n  .*)*)\n")


def names_not_shown(text):
    """Returns the columns that the note below a table names."""
    note = NOTE.search(text)
    return re.sub(r"\s+", " ", note[1]).split(" (a wider")[0].split(", ") if note else []


class Tables(InFolder):
    def show(self, *arguments, columns=80, **variables):
        """Returns what a call that must succeed shows on a terminal. All lines must fit."""
        code, text = on_terminal(*arguments, columns=columns, cwd=self.folder, **variables)
        self.assertEqual(code, 0, text)
        self.assertLessEqual(max(map(len, text.splitlines())), columns, text)
        return text

    def test_lists_fit_and_lose_no_row(self):
        for kind in LISTS:
            full = offcut("list", kind).stdout.splitlines()
            names = [line.split()[0] for line in full if line[:1].strip()]
            for columns in [80, 100]:
                with self.subTest(kind=kind, columns=columns):
                    lines = NOTE.sub("", self.show("list", kind, columns=columns)).splitlines()
                    self.assertEqual([line.split()[0] for line in lines if line[:1].strip()], names)

    def test_texts_are_wrapped_before_columns_are_left_out(self):
        full = offcut("list", "links").stdout
        self.assertGreater(max(map(len, full.splitlines())), 80)
        text = self.show("list", "links")
        self.assertEqual(names_not_shown(text), [])
        # A wrapped description goes on below itself; no word is lost.
        begin = text.splitlines()[0].index("description")
        description = " ".join(line[begin:].strip() for line in text.splitlines()[1:])
        full_begin = full.splitlines()[0].index("description")
        self.assertEqual(description, " ".join(line[full_begin:].strip() for line in full.splitlines()[1:]))

    def test_the_least_important_columns_are_left_out_and_named(self):
        text = self.show("list", "devices")
        self.assertEqual(names_not_shown(text), ["description", "memory bandwidth", "memory", "peak"])
        self.assertEqual(re.split(r" {2,}", text.splitlines()[0]), ["name", "runtime", "precision", "fitted to, error"])

    def test_a_run_keeps_its_most_important_columns(self):
        scenario = SOURCE / "scenarios/quickstart.yaml"
        few = ["--set", "stop.requests=500"]
        full = self.succeed("run", scenario, *few, "--out", "out")
        text = self.show("run", scenario, *few, "--out", "out")
        left_out = names_not_shown(text)
        self.assertTrue(left_out)
        self.assertLessEqual(set(left_out), {"idle", "p95", "cloud busy"})
        rows = {line.split()[0]: line for line in full.splitlines() if line.startswith(("multi-tier ", "cloud-only "))}
        for name, row in rows.items():
            shown = next(line for line in text.splitlines() if line.startswith(name + " "))
            cells, shown_cells = re.split(r" {2,}", row), re.split(r" {2,}", shown)
            self.assertEqual(len(cells) - len(left_out), len(shown_cells))
            self.assertEqual([cell for cell in cells if cell in shown_cells], shown_cells)
            self.assertIn(cells[2], shown_cells, "the mean latency")

    def test_all_columns_in_a_wide_terminal_and_in_a_pipe(self):
        wide = self.show("list", "devices", columns=300)
        self.assertEqual(wide, offcut("list", "devices").stdout)
        self.assertEqual(offcut("list", "devices", env={"COLUMNS": "40"}).stdout, wide)

    def test_the_first_column_always_stays(self):
        _, text = on_terminal("list", "devices", columns=10)
        table = text[:text.index("\nnot") + 1]
        full, _, _ = offcut("list", "devices").stdout.partition("\n\n")
        self.assertEqual(table.split(), [line.split()[0] for line in full.splitlines()])

    def test_the_width_is_that_of_columns_or_80(self):
        at_80 = self.show("list", "devices")
        self.assertEqual(on_terminal("list", "devices", columns=0), (0, at_80))
        self.assertEqual(on_terminal("list", "devices", columns=300, COLUMNS="80"), (0, at_80))
        self.assertEqual(on_terminal("list", "devices", columns=80, COLUMNS="all"), (0, at_80))

    def test_other_alphabets_are_aligned(self):
        tables = []
        for tier in ["gerät", "appar", "名前x"]:
            tables.append(self.succeed("run", "small.yaml", "--set", f"tiers={{{tier}: {{is: 'column:phone'}}}}", "--set",
                                       "network={}", "--set", "plan={algorithm: device-only, compare: none}", "--out", "out"))
        self.assertEqual(tables[0], tables[1].replace("appar", "gerät"))
        self.assertEqual(tables[2].replace("名前x", "appar"), tables[1])  # Two of its characters are two columns wide.

    def test_lines_beside_tables_are_wrapped(self):
        text = self.show("plan", "small.yaml", columns=60)
        self.assertIn("fixed declines: it needs 'after': the layer to cut after,\n  or 'input'\n", text)
        self.assertIn("fixed declines: it needs 'after': the layer to cut after, or 'input'\n", self.succeed("plan", "small.yaml"))

    def test_tables_of_every_command_fit(self):
        digits = SOURCE / "models/data/digits/digits_cnn.onnx"
        for arguments in [
            ["inspect", digits],
            ["plan", SOURCE / "scenarios/neurosurgeon-alexnet.yaml", "--explain", "--sensitivity", "up=0.1..100 Mbit/s",
             "--pareto", "latency,energy"],
            ["codecs", "zoo:lenet5", "--cut", "pool1", "--samples", "2", "--codec", "int8", "--codec", "top-k:share=0.01+zstd"],
            ["split", digits, "--cut", "relu2", "--cut", "relu4", "--codec", "int8", "--out", "parts"],
            ["run", SOURCE / "scenarios/traffic-cameras.yaml", "--set", "stop={after: 5 s}", "--out", "out"],
        ]:
            with self.subTest(arguments[0]):
                self.show(*arguments)


class Help(unittest.TestCase):
    def test_help_fits_80_columns(self):
        for command in [[], *([c] for c in COMMANDS), ["--help-all"]]:
            arguments = command if command == ["--help-all"] else [*command, "--help"]
            piped = offcut(*arguments).stdout
            self.assertLessEqual(max(map(len, piped.splitlines())), 80, arguments)
            self.assertEqual(on_terminal(*arguments), (0, piped))

    def test_help_is_no_wider_than_100_columns(self):
        _, text = on_terminal("plan", "--help", columns=200)
        self.assertGreater(max(map(len, text.splitlines())), 80)
        self.assertLessEqual(max(map(len, text.splitlines())), 100)


class Colour(unittest.TestCase):
    PLAIN = "nowhere.yaml: error: does not exist\n"

    def test_only_on_a_terminal_and_never_alone(self):
        code, text = on_terminal("run", "nowhere.yaml")
        self.assertEqual(code, 2)
        self.assertEqual(text, self.PLAIN.replace("error:", "\033[1;31merror:\033[0m"))
        self.assertEqual(offcut("run", "nowhere.yaml").stderr, self.PLAIN)

    def test_no_color(self):
        self.assertEqual(on_terminal("run", "nowhere.yaml", NO_COLOR="1"), (2, self.PLAIN))
        self.assertNotEqual(on_terminal("run", "nowhere.yaml", NO_COLOR=""), (2, self.PLAIN))
        self.assertEqual(on_terminal("run", "nowhere.yaml", TERM="dumb"), (2, self.PLAIN))


class Progress(InFolder):
    """Standard error alone is a terminal."""

    def run_on_terminal(self, columns, *arguments):
        terminal = Terminal(columns)
        with subprocess.Popen([PROGRAM, *map(str, arguments)], cwd=self.folder, stdout=subprocess.PIPE,
                              stderr=terminal.end) as process:
            seen = terminal.read()
            printed = process.communicate(timeout=TIMEOUT_S)[0].decode()
        self.assertEqual(process.returncode, 0, seen)
        return seen, printed

    def run_long(self, columns, scenario="small.yaml", *more):
        return self.run_on_terminal(columns, "run", scenario, "--set", "stop.requests=400000", "--out", "out", *more)

    def test_shows_a_bar_and_erases_it(self):
        shown, printed = self.run_long(120)
        steps = shown.split("\r\033[K")
        self.assertEqual((steps[0], steps[-1]), ("", ""), "something stays on the screen")
        self.assertGreater(len(steps), 3)
        for step in steps[1:-1]:
            self.assertRegex(step, r"^small \[#*\.*\] +\d+ %  (\d+ s left)?$")
        shares = [int(re.search(r"(\d+) %", step).group(1)) for step in steps[1:-1]]
        self.assertEqual(shares, sorted(shares))
        self.assertNotIn("\033", printed)

    def test_never_wraps(self):
        name = "a-scenario-whose-name-is-as-long-as-that.yaml"
        (self.folder / name).write_bytes((self.folder / "small.yaml").read_bytes())
        shown, _ = self.run_long(60, name)
        for step in shown.split("\r\033[K"):
            self.assertLess(len(step), 60)

    def test_other_long_work_has_a_bar_too(self):
        (self.folder / "two.csv").write_text(TWO_PROFILES, encoding="utf-8")
        for arguments, title in [
            (["plan", "small.yaml"], "plan"),
            (["fit", "two.csv", "--out", "device.yaml"], "fit"),
            (["profile", "zoo:squeezenet", "--rounds", "3", "--tolerance", "1000", "--out", "p.csv"], "profile"),
            (["codecs", "zoo:lenet5", "--cut", "pool1", "--samples", "2", "--codec", "int8"], "lenet5"),
        ]:
            shown, _ = self.run_on_terminal(120, *arguments)
            steps = shown.split("\r\033[K")
            self.assertEqual((steps[0], steps[-1]), ("", ""), arguments)
            self.assertRegex(steps[-2], rf"^{title}(: [a-z0-9-]+)? \[#*\.*\] +\d+ %")

    def test_quiet_has_none(self):
        self.assertEqual(self.run_long(120, "small.yaml", "-q"), ("", ""))


if __name__ == "__main__":
    unittest.main()
