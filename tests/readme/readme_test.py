#!/usr/bin/python3
"""Runs every command of README.md's console blocks and every Python block, and compares what they print with what stands
there.

A line "..." in a console block stands for any lines; Python says "# prints TEXT". All run in order, in the source tree, as
a reader would.
Usage: readme_test.py SOURCE_DIR
"""
import pathlib
import re
import shlex
import subprocess
import sys


def commands(readme):
    """Pairs of a command and its expected output lines."""
    found = []
    for language, block in re.findall(r"^```(console|python)\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL):
        if language == "python":
            found.append((shlex.join([sys.executable, "-c", block]), re.findall(r"# prints (.*)", block)))
            continue
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            else:
                found[-1][1].append(line)
    return found


def pattern(expected):
    """Expected lines as a regular expression; no lines at all: any output."""
    if not expected:
        return None
    parts = [r"(?:.*\n)*" if line == "..." else re.escape(line) + r"\n" for line in expected]
    return re.compile("".join(parts))


def main():
    source = pathlib.Path(sys.argv[1])
    found = commands((source / "README.md").read_text(encoding="utf-8"))
    if len(found) < 5:
        sys.exit("README.md has hardly any commands: the test no longer reads it")
    for command, expected in found:
        print("$", command, flush=True)
        result = subprocess.run(command, shell=True, cwd=source, text=True, capture_output=True, check=False)
        if result.returncode != 0:
            sys.exit(f"exit code {result.returncode}:\n{result.stdout}{result.stderr}")
        wanted = pattern(expected)
        if wanted and not wanted.fullmatch(result.stdout):
            sys.exit("README.md says otherwise; it printed:\n" + result.stdout)


main()
