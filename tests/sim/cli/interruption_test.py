#!/usr/bin/python3
"""Commands that a signal ends: they say what was kept, leave nothing half-written, and end by the signal, so that a shell sees 130
for Ctrl-C."""
import os
import pathlib
import signal
import subprocess
import time
import unittest

from program import PROGRAM, RESULTS, SOURCE, TIMEOUT_S, InFolder, Terminal


class Stopped(InFolder):
    """A run that would take minutes is stopped after a moment."""

    def start(self, *more, **options):
        process = subprocess.Popen([PROGRAM, "run", "small.yaml", "--set", "stop.requests=200000000", "--out", "a/b", *more],
                                   cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.stdout.close)
        self.await_result(lambda: list(self.folder.glob("a/.b.partial-*/new/requests.csv")))
        self.assertTrue(self.children(process.pid), "it has not begun to simulate")
        return process

    def await_result(self, condition):
        until = time.monotonic() + TIMEOUT_S
        while not condition():
            self.assertLess(time.monotonic(), until)
            time.sleep(0.01)

    @staticmethod
    def children(pid):
        return pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()

    def await_end_of(self, pids):
        self.await_result(lambda: not any(pathlib.Path(f"/proc/{pid}").exists() for pid in pids))

    def test_leaves_nothing_and_says_so(self):
        for number in [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]:
            with self.subTest(number):
                process = self.start()
                children = self.children(process.pid)
                process.send_signal(number)
                self.assertEqual(process.wait(TIMEOUT_S), -number)
                self.assertEqual((process.stdout.read(), process.stderr.read()),
                                 (b"", b"offcut: interrupted; nothing was written\n"))
                self.await_end_of(children)
                self.assertEqual(self.files(), ["layers.csv", "small.yaml"])

    def test_a_terminal_signals_the_simulations_too(self):
        for number in [signal.SIGINT, signal.SIGHUP]:
            with self.subTest(number):
                process = self.start(start_new_session=True)
                children = self.children(process.pid)
                os.killpg(process.pid, number)
                self.assertEqual(process.wait(TIMEOUT_S), -number)
                self.assertEqual((process.stdout.read(), process.stderr.read()),
                                 (b"", b"offcut: interrupted; nothing was written\n"))
                self.await_end_of(children)

    def test_keeps_the_earlier_result_and_says_so(self):
        self.succeed("run", "small.yaml", "--out", "a/b")
        before = {name: (self.folder / "a/b" / name).read_bytes() for name in RESULTS}
        process = self.start("--decisions", "d.csv")
        process.send_signal(signal.SIGINT)
        process.wait(TIMEOUT_S)
        self.assertEqual(process.stderr.read(), b"offcut: interrupted; nothing was written, a/b is unchanged\n")
        self.assertEqual(self.files("a/b"), sorted(RESULTS))
        self.assertEqual({name: (self.folder / "a/b" / name).read_bytes() for name in RESULTS}, before)
        self.assertFalse((self.folder / "d.csv").exists())

    def test_a_shell_sees_130(self):
        script = f"'{PROGRAM}' run small.yaml --set stop.requests=200000000 --out a/b; echo $?"
        with subprocess.Popen(["bash", "-c", script], cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as shell:
            self.await_result(lambda: list(self.folder.glob("a/.b.partial-*/new/requests.csv")))
            os.kill(int(self.children(shell.pid)[0]), signal.SIGINT)
            self.assertEqual(shell.communicate(timeout=TIMEOUT_S), (b"130\n", b"offcut: interrupted; nothing was written\n"))

    def test_what_a_killed_run_leaves_is_removed_by_the_next(self):
        process = self.start()
        children = self.children(process.pid)
        process.kill()
        process.wait(TIMEOUT_S)
        self.await_end_of(children)
        self.assertEqual(len(list(self.folder.glob("a/.b.partial-*"))), 1)
        self.succeed("run", "small.yaml", "--out", "a/b")
        self.assertEqual(self.files("a/b"), sorted(RESULTS))

    def test_a_run_that_still_runs_is_left_alone(self):
        process = self.start()
        self.succeed("run", "small.yaml", "--out", "a/b")
        self.assertEqual(len(list(self.folder.glob("a/.b.partial-*/new/requests.csv"))), 1)
        process.terminate()
        process.wait(TIMEOUT_S)
        self.assertEqual(self.files("a/b"), sorted(RESULTS))

    def test_a_signal_that_is_ignored_does_not_stop_it(self):
        process = self.start(preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
        process.send_signal(signal.SIGHUP)
        time.sleep(0.5)
        self.assertIsNone(process.poll())
        process.terminate()
        self.assertEqual(process.wait(TIMEOUT_S), -signal.SIGTERM)


class OtherCommands(InFolder):
    def interrupt(self, *arguments, ready):
        """Sends SIGINT once `ready` is there. Returns standard error."""
        with subprocess.Popen([PROGRAM, *arguments], cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            until = time.monotonic() + TIMEOUT_S
            while not list(self.folder.glob(ready)):
                self.assertIsNone(process.poll(), "it has ended")
                self.assertLess(time.monotonic(), until)
                time.sleep(0.01)
            process.send_signal(signal.SIGINT)
            printed, errors = process.communicate(timeout=TIMEOUT_S)
        self.assertEqual((process.returncode, printed), (-signal.SIGINT, b""))
        return errors.decode()

    def test_a_profile(self):
        (self.folder / "p.csv").write_text("mine\n", encoding="utf-8")
        errors = self.interrupt("profile", "zoo:squeezenet", "--rounds", "10000", "--out", "p.csv", ready=".p.csv.*")
        self.assertEqual(errors, "offcut: interrupted; nothing was written, p.csv is unchanged\n")
        self.assertEqual((self.folder / "p.csv").read_text(encoding="utf-8"), "mine\n")
        self.assertEqual(self.files(), ["layers.csv", "p.csv", "small.yaml"])

    def test_a_plan_while_an_algorithm_computes(self):
        """Nothing is being written, so that the signal need not wait for the algorithm, which would take minutes."""
        terminal = Terminal(80)
        with subprocess.Popen([PROGRAM, "plan", SOURCE / "scenarios/quickstart.yaml", "--set", "model={zoo: inception-v3}", "--set",
                               "plan={algorithm: brute-force, most: 1000000000}", "--out", "plans"], cwd=self.folder,
                              stdout=subprocess.PIPE, stderr=terminal.end) as process:
            self.assertIn(b"plan [", terminal.wait())
            process.send_signal(signal.SIGINT)
            seen = terminal.read()
            self.assertEqual((process.wait(TIMEOUT_S), process.stdout.read()), (-signal.SIGINT, b""))
        self.assertTrue(seen.endswith("\r\033[Koffcut: interrupted; nothing was written\n"), seen)
        self.assertEqual(self.files(), ["layers.csv", "small.yaml"])

    def test_measures_in_a_cache_are_kept(self):
        errors = self.interrupt("codecs", "zoo:squeezenet", "--cut", "all", "--samples", "20", "--codec", "int8", "--engine", "fast",
                                "--cache", "kept", "--out", "c.csv", ready="kept/codecs-*.csv")
        self.assertEqual(errors, "offcut: interrupted; kept holds the cuts that were measured, nothing else was written\n")
        self.assertEqual(len(self.files("kept")), 1)
        self.assertFalse((self.folder / "c.csv").exists())

    def test_on_a_terminal_the_message_replaces_the_bar(self):
        terminal = Terminal(80)
        with subprocess.Popen([PROGRAM, "profile", "zoo:squeezenet", "--rounds", "10000", "--out", "p.csv"], cwd=self.folder,
                              stdout=subprocess.PIPE, stderr=terminal.end) as process:
            until = time.monotonic() + TIMEOUT_S
            while not list(self.folder.glob(".p.csv.*")) and time.monotonic() < until:
                time.sleep(0.01)
            process.send_signal(signal.SIGINT)
            seen = terminal.read()
        self.assertTrue(seen.endswith("\r\033[Koffcut: interrupted; nothing was written\n"), seen)


if __name__ == "__main__":
    unittest.main()
