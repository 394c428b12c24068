#!/usr/bin/python3
"""What ./dev installs for which command, and what it says where it can't: no apt-get, no sudo, another system, no package.

It runs a copy of dev among stand-ins for the tools, which write down how they are called.
"""
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from sources import ROOT

REAL = ["awk", "bash", "cat", "dirname", "env", "readlink", "sh", "wc"]


class Dev(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="offcut-dev-")
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.tools = self.root / "tools"
        self.tools.mkdir()
        (self.root / ".ci").mkdir()
        shutil.copy(ROOT / "dev", self.root)
        shutil.copy(ROOT / ".ci/packages", self.root / ".ci")
        for tool in REAL:
            os.symlink(shutil.which(tool), self.tools / tool)
        for tool in ("cmake", "cpack", "ctest", "nproc"):
            self.stand_in(tool)
        self.stand_in("build/release/offcut", self.root)
        self.stand_in("id", body="echo ${USER_ID:-0}")
        self.stand_in("dpkg-query", body='[ -z "${MISSING:-}" ] && echo -n installed')
        (self.root / "os-release").write_text('ID=debian\nVERSION_ID="12"\n', encoding="utf-8")

    def stand_in(self, name, folder=None, body=""):
        path = (folder or self.tools) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f'#!{shutil.which("sh")}\n[ {path.name} = id ] || echo "{path.name} $*" >>"{self.root}/calls"\n{body}\n',
                        encoding="utf-8")
        path.chmod(0o755)

    def dev(self, *arguments, **environment):
        done = subprocess.run([self.root / "dev", *arguments], capture_output=True, text=True, check=False, env={
            "PATH": str(self.tools), "OFFCUT_OS_RELEASE": str(self.root / "os-release"), **environment})
        calls = self.root / "calls"
        self.calls = calls.read_text(encoding="utf-8").splitlines() if calls.exists() else []
        return done

    def installed(self):
        """The packages that apt-get was told to install."""
        found = [call.split() for call in self.calls if call.startswith("apt-get install")]
        return {word for call in found for word in call[2:] if not word.startswith("-")}

    def test_packages_that_are_there_are_not_installed(self):
        done = self.dev("run")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertFalse([call for call in self.calls if call.startswith(("apt-get", "sudo"))])
        self.assertIn("cmake --build --preset release --target offcut", self.calls)
        self.assertIn("offcut run scenarios/quickstart.yaml", self.calls)

    def test_each_command_installs_what_it_needs_and_test_everything(self):
        self.stand_in("apt-get")
        everything = {line for line in (ROOT / ".ci/packages").read_text(encoding="utf-8").split("\n")
                      if line and not line.startswith("#")}
        self.assertEqual(self.dev("run", MISSING="1").returncode, 0)
        for_run = self.installed()
        (self.root / "calls").unlink()
        self.assertEqual(self.dev("build", "work", MISSING="1").returncode, 0)
        self.assertEqual(self.installed(), for_run)
        (self.root / "calls").unlink()
        self.assertEqual(self.dev("test", MISSING="1").returncode, 0)
        self.assertEqual(self.installed(), everything)
        (self.root / "calls").unlink()
        self.assertEqual(self.dev("package", MISSING="1").returncode, 0)
        self.assertEqual(self.installed(), for_run | {"dpkg-dev", "file"})
        self.assertEqual(self.calls[-1], "cpack --preset package")
        self.assertLess(for_run, everything)
        self.assertGreater(for_run, {"g++", "cmake", "libsimgrid-dev", "libdnnl-dev"})
        for package in ("python3-matplotlib", "python3-scipy", "universal-ctags"):
            self.assertNotIn(package, for_run)

    def test_users_take_sudo(self):
        self.stand_in("apt-get")
        self.stand_in("sudo", body='exec "$@"')
        self.assertEqual(self.dev("run", MISSING="1", USER_ID="1000").returncode, 0)
        self.assertTrue([call for call in self.calls if call.startswith("sudo env DEBIAN_FRONTEND=noninteractive")])
        self.assertTrue(self.installed())

    def refused(self, *words, **environment):
        done = self.dev("run", MISSING="1", **environment)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        for word in ("./dev: ", *words):
            self.assertIn(word, done.stderr)
        self.assertFalse([call for call in self.calls if call.startswith("cmake")], "it builds nevertheless")
        return done.stderr

    def test_a_system_without_apt(self):
        said = self.refused("has no apt-get", "Debian 12", ".ci/packages", "cmake --preset release", "docs/install.md")
        self.assertEqual(said.count("\n"), 1)
        self.assertTrue((ROOT / "docs/install.md").exists())

    def test_a_user_without_sudo(self):
        self.stand_in("apt-get")
        said = self.refused("no sudo", "apt-get install", "libsimgrid-dev", USER_ID="1000")
        self.assertEqual(said.count("\n"), 1)
        self.assertEqual(self.installed(), set())

    def test_another_system_is_named_and_a_failure_says_what_else_to_do(self):
        (self.root / "os-release").write_text('ID=ubuntu\nVERSION_ID="24.04"\n', encoding="utf-8")
        self.stand_in("apt-get", body="exit 100")
        self.refused("this is ubuntu 24.04", "could not install", "cmake --preset release", "docs/install.md")
        (self.root / "os-release").write_text('ID=debian\nVERSION_ID="12"\n', encoding="utf-8")
        self.assertNotIn("this is", self.refused("could not install"))


if __name__ == "__main__":
    unittest.main()
