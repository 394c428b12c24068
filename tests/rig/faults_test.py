#!/usr/bin/python3
"""Served tiers under faults: servers that are killed, links that are cut, half-open connections, hostile bytes, and a long
load. Every request is answered or accounted for, no process crashes, and memory does not grow.

On loopback, but for the links, which need namespaces; without them, those tests are skipped. `--minutes 10` is the full
form of the long load, of which the test suite runs a few seconds. The random bytes have fixed seeds.
"""
import argparse
import contextlib
import pathlib
import random
import signal
import socket
import statistics
import struct
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import network  # noqa: E402
from served import Measured, Tier, split  # noqa: E402

KILLS = 20
PATIENCE_S = 20
MOST_SILENT = 200
PAUSE_S = 0.12  # Between a server's start and its end.
LONGEST_PAUSE_S = 2  # Of a device between attempts to connect (NextTierSettings).
LONG_LOAD_S = 5.0  # Or --minutes.
LONG_LOAD = "400 /s"  # Of 497: 4704 bytes and 120 of a frame, with 4 times 66 of packets, at 20 Mbit/s.
GROWTH_BYTES = 4 << 20  # What an allocator may keep for itself.
NO_NETWORK = network.reason_not_permitted()


class FaultsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory(prefix="offcut-faults-")
        cls.parts = pathlib.Path(cls.temporary.name, "parts")
        split("zoo:lenet5", "pool1", cls.parts)

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(dir=self.temporary.name))
        self.stop = threading.Event()

    def cloud(self, address="127.0.0.1:0", net=None):
        """A server that listens; the address is kept if it is started again."""
        tier = Tier("cloud", self.folder / "cloud.log", [self.parts / "1-cloud.onnx", "--listen", address], net)
        self.addCleanup(tier.close)
        tier.start()
        tier.address = tier.says(r"listening on (\S+)")[1]
        tier.arguments[-1] = tier.address
        return tier

    def device(self, cloud, load, requests, *more, net=None, name="measured"):
        out = self.folder / name
        tier = Tier("device", self.folder / f"{name}.log",
                    [self.parts / "0-device.onnx", "--to", cloud.address, "--load", load, "--requests", requests,
                     "--out", out, *more], net)
        self.addCleanup(tier.close)
        tier.out = out
        return tier.start()

    def check(self, device, requests, code=0):
        """The device has ended as it should, and says of each request how it ended. None: as many as it asked for."""
        self.assertEqual(device.end(), code, device.text())
        measured = Measured(device.out)
        requests = measured.json["requests"] if requests is None else requests
        self.assertEqual(len(measured.rows), requests, measured.outcomes)
        self.assertEqual(len(measured.numbers), requests)
        for outcome in measured.outcomes:
            self.assertRegex(outcome, r"^completed$|^in flight$|^dropped: ")
        print(f"{self.id().rpartition('.')[2]}, {device.out.name}: {dict(measured.outcomes)}", flush=True)
        return measured

    def check_alive(self, tier):
        self.assertIsNone(tier.process.poll(), tier.text())

    def test_killed_servers(self):
        """Requests are answered or dropped, and those after the last kill are answered. With a fallback, all are. The
        devices are interrupted at the end, and say so of the requests that were under way."""
        cloud = self.cloud()
        plain = self.device(cloud, "60 /s", 10**6, "--timeout", "1 s")
        falling_back = self.device(cloud, "60 /s", 10**6, "--whole", "zoo:lenet5", name="fallback")
        plain.says("device: ready")
        falling_back.says("device: ready")
        for _ in range(KILLS):
            time.sleep(PAUSE_S)
            cloud.kill()
            time.sleep(PAUSE_S / 4)
            cloud.start()
            cloud.says("listening on")
        time.sleep(LONGEST_PAUSE_S + 0.5)
        for device in (plain, falling_back):
            device.process.send_signal(signal.SIGINT)
        measured = self.check(plain, None, -signal.SIGINT)
        self.assertIn("completed", last_outcomes(measured))
        self.assertGreater(sum(outcome == "dropped: timed out" for outcome in measured.outcomes.elements()), 0)
        measured = self.check(falling_back, None, -signal.SIGINT)
        self.assertLessEqual(set(measured.outcomes), {"completed", "in flight"})
        self.assertIn("1", {row["fell_back"] for row in measured.rows})
        self.check_alive(cloud)

    def greeting(self):
        """The first bytes that a device sends, with the token."""
        with socket.create_server(("127.0.0.1", 0)) as listening:
            self.address = f"127.0.0.1:{listening.getsockname()[1]}"
            device = self.device(self, "closed", 1, name="greeting")
            listening.settimeout(PATIENCE_S)
            connection, _ = listening.accept()
            with connection:
                connection.settimeout(PATIENCE_S)
                data = connection.recv(65536)
            device.kill()
        return data

    def test_hostile_bytes_harm_nobody_else(self):
        """Random frames, endless lengths, silence and floods of connections at the port while it serves."""
        cloud = self.cloud()
        host, port = cloud.address.rsplit(":", 1)
        greeting = self.greeting()
        device = self.device(cloud, "50 /s", 200)
        device.says("device: ready")
        attacker = threading.Thread(target=attack, args=((host, int(port)), greeting, self.stop), daemon=True)
        attacker.start()
        try:
            measured = self.check(device, 200)
        finally:
            self.stop.set()
            attacker.join()
        self.assertEqual(measured.outcomes, {"completed": 200})
        self.check_alive(cloud)
        self.assertLess(cloud.resident_bytes(), 1 << 30)
        self.check(self.device(cloud, "closed", 5, name="after"), 5)

    def test_memory_does_not_grow(self):
        """At 80 % of what the link can do, memory at the end is that of the beginning. Without namespaces, at the same
        rate without the link."""
        seconds = LONG_LOAD_S
        net, _, cloud = self.network() if not NO_NETWORK else (None, None, self.cloud())
        device = self.device(cloud, LONG_LOAD, 10**8, "--duration", f"{seconds} s", net=net)
        device.says("device: ready")
        time.sleep(seconds / 6)  # Buffers reach their sizes.
        samples, end = [], time.monotonic() + seconds * 5 / 6 - 0.5
        while time.monotonic() < end:
            samples.append([tier.resident_bytes() for tier in (device, cloud)])
            time.sleep(max(0.05, seconds / 600))
        self.assertEqual(device.end(), 0, device.text())
        measured = Measured(device.out)
        self.assertEqual(set(measured.outcomes), {"completed"})
        third = len(samples) // 3
        for index, name in enumerate(("device", "cloud")):
            first, last = (statistics.median(sample[index] for sample in part)
                           for part in (samples[:third], samples[-third:]))
            print(f"{name}: {first / 2**20:.2f} MiB, then {last / 2**20:.2f} MiB; {len(measured.rows)} requests")
            self.assertLess(last - first, GROWTH_BYTES, name)

    def network(self):
        link = network.Link("20 Mbit/s")
        net = network.Network(["device", "cloud"], [link])
        self.addCleanup(net.close)
        return net, link, self.cloud(f"{net.address('cloud')}:7000", net)

    @unittest.skipIf(NO_NETWORK, NO_NETWORK)
    def test_links_are_cut_and_restored(self):
        net, link, cloud = self.network()
        device = self.device(cloud, "50 /s", 250, "--timeout", "1 s", net=net)
        device.says("device: ready")
        for _ in range(4):
            time.sleep(0.5)
            link.cut()
            time.sleep(0.3)
            link.restore()
        measured = self.check(device, 250)
        self.check_alive(cloud)
        self.assertEqual(last_outcomes(measured), {"completed"})

    @unittest.skipIf(NO_NETWORK, NO_NETWORK)
    def test_half_open_connections(self):
        """A server is replaced, and a device vanishes, while no packet passes: neither side is told."""
        net, link, cloud = self.network()
        device = self.device(cloud, "50 /s", 250, "--timeout", "1 s", net=net)
        device.says("device: ready")
        time.sleep(0.5)
        link.cut()
        cloud.kill()
        cloud.start()
        cloud.says("listening on")
        time.sleep(0.5)
        link.restore()
        measured = self.check(device, 250)
        self.assertEqual(last_outcomes(measured), {"completed"})

        gone = self.device(cloud, "50 /s", 10**6, net=net, name="gone")
        gone.says("device: ready")
        time.sleep(0.3)
        link.cut()
        gone.kill()
        link.restore()
        measured = self.check(self.device(cloud, "closed", 20, net=net, name="next"), 20)
        self.assertEqual(measured.outcomes, {"completed": 20})
        self.check_alive(cloud)


def last_outcomes(measured):
    """How the last ten requests ended."""
    return {row["outcome"] for row in sorted(measured.rows, key=lambda row: float(row["arrival_s"]))[-10:]}


def attack(address, greeting, stop):
    """Connects again and again with bytes that are no frames, or hardly any; some connections stay open and silent.
    `greeting` is what a real device sends first, so that the server takes what follows for frames of a device."""
    stream, silent = random.Random(1), []
    payloads = [
        lambda: b"",
        lambda: stream.randbytes(stream.randrange(1, 2000)),
        lambda: b"\xff" * 64,
        lambda: b"\0" * 64,
        lambda: struct.pack("<Q", 2**63) + b"x" * 100,
        lambda: b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        lambda: greeting[:stream.randrange(1, len(greeting))],
        lambda: damaged(greeting, stream),
        lambda: greeting + stream.randbytes(stream.randrange(1, 2000)),
        lambda: greeting + damaged(greeting, stream),
        lambda: greeting + greeting,
        lambda: greeting + greeting[:stream.randrange(1, len(greeting))],
    ]
    while not stop.is_set():
        try:
            connection = socket.create_connection(address, timeout=1)
            connection.settimeout(0.05)
            connection.sendall(stream.choice(payloads)())
            if stream.random() < 0.3 and len(silent) < MOST_SILENT:
                silent.append(connection)
                continue
            with contextlib.suppress(TimeoutError, ConnectionError):
                connection.recv(4096)
            if stream.random() < 0.5:  # A reset in place of an orderly end.
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.close()
        except OSError:
            time.sleep(0.01)
    for connection in silent:
        connection.close()


def damaged(frame, stream):
    data = bytearray(frame)
    for _ in range(stream.randrange(1, 4)):
        data[stream.randrange(len(data))] ^= 1 << stream.randrange(8)
    return bytes(data)


def main():
    global LONG_LOAD_S
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0], add_help=False)
    parser.add_argument("--minutes", type=float)
    arguments, rest = parser.parse_known_args()
    if arguments.minutes:
        LONG_LOAD_S = 60 * arguments.minutes
    unittest.main(argv=[sys.argv[0], *rest])


if __name__ == "__main__":
    main()
