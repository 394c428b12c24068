#!/usr/bin/python3
"""offcut probe: the hop that it writes, a rate that a token bucket limits, and errors."""
import json
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from program import PROGRAM, SOURCE, offcut

SCENARIO = SOURCE / "scenarios/quickstart.yaml"
# Its own network namespace, whose loopback has the packets of Ethernet and 20 Mbit/s in all.
SHAPED = """\
set -e
ip link set lo up mtu 1500
tc qdisc add dev lo root tbf rate 20mbit burst 16kb latency 200ms
"$1" probe --listen 127.0.0.1:7000 > /dev/null &
until "$1" probe 127.0.0.1:7000 --json --time '2 s' > probe.json; do sleep 0.1; done
kill $!
"""


class Listener:
    """An offcut probe that answers at `.address`."""

    def __init__(self, *options):
        self.process = subprocess.Popen([PROGRAM, "probe", "--listen", "127.0.0.1:0", *options], stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, encoding="utf-8")
        self.address = re.match(r"answering probes at ([\d.:]+);", self.process.stdout.readline())[1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.errors = self.process.communicate()[1]


class Probe(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def test_a_scenario_takes_the_hop(self):
        hop = self.folder / "hop.yaml"
        with Listener("--token", "secret") as listener:
            result = offcut("probe", listener.address, "--token", "secret", "--time", "1 s", "--out", hop)
            self.assertEqual((result.returncode, result.stderr), (0, ""))
            for name in ("round trip", "rate up", "rate down", "TCP handshake", "1 kB"):
                self.assertIn(name, result.stdout)
            self.assertTrue(all(len(line) <= 80 for line in result.stdout.splitlines() if not line.startswith("written")))
            denied = offcut("probe", listener.address, "--token", "Secret", "--out", self.folder / "none.yaml")
        self.assertEqual(denied.returncode, 2)
        self.assertIn("it refuses: the token is wrong", denied.stderr)
        self.assertFalse((self.folder / "none.yaml").exists())
        self.assertIn("interrupted; probes are no longer answered", listener.errors)
        keys = [line.partition(":")[0] for line in hop.read_text().splitlines() if not line.startswith("#")]
        self.assertEqual(keys, ["up", "down", "payload", "latency", "per-message", "jitter", "transport"])
        valid = offcut("validate", SCENARIO, "--set", f"network.edge-cloud={hop.read_text()}")
        self.assertEqual((valid.returncode, valid.stderr), (0, ""))

    @unittest.skipUnless(shutil.which("tc") and shutil.which("unshare") and
                         subprocess.run(["unshare", "-n", "true"], capture_output=True, check=False).returncode == 0,
                         "needs a network namespace and tc")
    def test_the_rate_of_a_token_bucket(self):
        result = subprocess.run(["unshare", "-n", "bash", "-c", SHAPED, "-", PROGRAM], cwd=self.folder, capture_output=True,
                                encoding="utf-8", timeout=60, check=False)
        self.assertEqual(result.returncode, 0, result.stderr)
        probe = json.loads((self.folder / "probe.json").read_text())
        for direction in ("up", "down"):
            rate = 8e-6 * probe[direction]["rate_bytes_per_s"]["median"] / probe["payload"]
            self.assertTrue(19 < rate < 20.4, rate)  # Acknowledgements take 2 % of it.

    def test_errors(self):
        for arguments, message in (
                (["nowhere"], "nowhere: error: the port is missing; expected HOST:PORT, such as 127.0.0.1:7000"),
                (["127.0.0.1:1"], "127.0.0.1:1: error: Connection refused"),
                ([], "probe: error: expected the HOST:PORT of a node, or --listen HOST:PORT"),
                (["--listen", "0.0.0.0:0"], "--listen: error: an address beyond this machine needs --token"),
                (["--listen", "127.0.0.1"], "127.0.0.1: error: the port is missing"),
                (["127.0.0.1:1", "--time", "1"], "--time: error: "),
                (["127.0.0.1:1", "--time", "1 ms"], "--time: error: must be from 1 s to 600 s, not '1 ms'"),
                (["127.0.0.1:1", "--out", "/none/hop.yaml"], "/none/hop.yaml: error: ")):
            with self.subTest(arguments):
                result = offcut("probe", *arguments)
                self.assertEqual((result.returncode, result.stdout), (2, ""))
                self.assertIn(message, result.stderr)


if __name__ == "__main__":
    unittest.main()
