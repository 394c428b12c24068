#!/usr/bin/python3
"""The test bench keeps its promises: rates, bursts, delays, cuts, and nothing remains of it.

Times are compared with the token bucket's formula. A busy machine makes single messages slower and never faster, so a
measurement counts if one of several tries is as it should be. Where no network can be made, the test is skipped.
"""
import contextlib
import os
import pathlib
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import network  # noqa: E402
from network import Link, Network, bits_per_second  # noqa: E402

PATIENCE_S = 20
TRIES = 25
SO_TIMESTAMPNS = 35  # Not in the module socket.
HEADERS, PAYLOAD = 66, 1448  # Of a packet of 1514 bytes: Ethernet, IP, and TCP with time stamps.


class Receiver:
    """Takes messages (length, bytes) on a tier and notes when their first and last bytes came; answers with one byte."""

    def __init__(self, net, tier):
        with net.spaces[tier].entered():
            listening = socket.create_server((net.address(tier), 7000))
        listening.settimeout(PATIENCE_S)
        self.times = []
        self.thread = threading.Thread(target=self._serve, args=(listening,), daemon=True)
        self.thread.start()

    def _serve(self, listening):
        connection, _ = listening.accept()
        with listening, connection, contextlib.suppress(ConnectionError, TimeoutError):
            connection.settimeout(PATIENCE_S)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while head := connection.recv(8, socket.MSG_WAITALL):
                first, left = time.monotonic(), int.from_bytes(head, "big") - 8
                while left:
                    left -= len(connection.recv(min(left, 1 << 18)))
                self.times.append((first, time.monotonic()))
                connection.sendall(b".")


class Sender:
    def __init__(self, net, tier, to):
        with net.spaces[tier].entered():
            self.connection = socket.create_connection((net.address(to), 7000), timeout=PATIENCE_S)
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, size):
        """The time at which the message was sent, and that at which its answer came."""
        sent = time.monotonic()
        self.connection.sendall(size.to_bytes(8, "big") + bytes(size - 8))
        self.connection.recv(1)
        return sent, time.monotonic()


def on_wire(size):
    return size + HEADERS * -(-size // PAYLOAD)


class RigTest(unittest.TestCase):
    def pair(self, link):
        net = Network(["device", "cloud"], [link])
        self.addCleanup(net.close)
        receiver = Receiver(net, "cloud")
        sender = Sender(net, "device", "cloud")
        self.addCleanup(sender.connection.close)
        return receiver, sender

    def assert_some(self, measure, expected, share):
        """One of the tries is as expected."""
        tries = []
        for _ in range(TRIES):
            tries.append(measure())
            if abs(tries[-1] / expected - 1) < share:
                return
        self.fail(f"expected {expected * 1e3:.3f} ms within {share:.0%}, got "
                  + ", ".join(f"{t * 1e3:.3f}" for t in tries))

    def time_of(self, receiver, sender, size, pause_s=0.02):
        """Seconds from sending a message, after a pause that fills the bucket, to its last byte."""
        time.sleep(pause_s)
        sent, _ = sender.send(size)
        return receiver.times[-1][1] - sent

    def test_rate_and_burst(self):
        """After a pause, the burst passes at once: the last byte leaves (w - b) / r after the first one, within 2 %."""
        for rate, size in (("5 Mbit/s", 36864), ("20 Mbit/s", 150528), ("100 Mbit/s", 602112)):
            receiver, sender = self.pair(Link(rate))
            expected = (on_wire(size) - network.default_burst(rate)) * 8 / bits_per_second(rate)
            with self.subTest(rate=rate):
                self.assert_some(lambda: self.time_of(receiver, sender, size), expected, 0.02)

    def test_delay(self):
        """A datagram arrives after the delay, both ways, within 0.2 ms: by the time stamps of the system."""
        net = Network(["device", "cloud"], [Link("100 Mbit/s", delay_s=0.01)])
        self.addCleanup(net.close)
        for tier, to in (("device", "cloud"), ("cloud", "device")):
            with net.spaces[tier].entered():
                sending = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            with net.spaces[to].entered():
                receiving = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            with sending, receiving:
                receiving.bind((net.address(to), 0))
                receiving.settimeout(PATIENCE_S)
                receiving.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)

                def one_way():
                    sent = time.clock_gettime_ns(time.CLOCK_REALTIME)
                    sending.sendto(b".", receiving.getsockname())
                    _, [(_, _, stamp)], _, _ = receiving.recvmsg(1, 64)
                    seconds, rest = struct.unpack("qq", stamp)
                    return (seconds * 10**9 + rest - sent) / 1e9
                self.assert_some(one_way, 0.0101, 0.0099)

    def test_payload_is_the_same_with_a_delay(self):
        receiver, sender = self.pair(Link("20 Mbit/s", delay_s=0.002))
        sender.send(600000)  # Opens TCP's window.
        expected = 0.002 + (on_wire(150528) - network.default_burst("20 Mbit/s")) * 8 / 20e6
        self.assert_some(lambda: self.time_of(receiver, sender, 150528), expected, 0.02)

    def test_rate_changes_while_a_message_is_on_its_way(self):
        """20 Mbit/s until the change and 5 from then on, which is known to lie between two times."""
        link = Link("20 Mbit/s")
        receiver, sender = self.pair(link)
        size, tries = 400000, []
        for _ in range(TRIES):
            link.set_rate("20 Mbit/s")
            change = [0.0, 0.0]

            def set_rate():
                change[0] = time.monotonic()
                link.set_rate("5 Mbit/s")
                change[1] = time.monotonic()
            timer = threading.Timer(0.03, set_rate)
            timer.start()
            sent, _ = sender.send(size)
            timer.join()
            latest, earliest = (4 * on_wire(size) * 8 / 20e6 - 3 * (at - sent) for at in change)
            took = receiver.times[-1][1] - sent
            tries.append((earliest, took, latest))
            if on_wire(size) * 8 / 20e6 < 0.97 * earliest <= took <= 1.03 * latest:
                return
        self.fail(f"the middle one should be between the others: {tries}")

    def test_cut_and_restored(self):
        """Nothing passes a link that is cut, and the connection survives a short cut."""
        for delay in (0.0, 0.002):
            link = Link("20 Mbit/s", delay_s=delay)
            receiver, sender = self.pair(link)
            sender.send(1000)
            link.cut()
            cut_at = time.monotonic()
            timer = threading.Timer(0.3, link.restore)
            timer.start()
            sender.send(1000)
            timer.join()
            self.assertGreater(receiver.times[-1][1], cut_at + 0.3)

    def test_chain(self):
        """Each tier reaches the next one, with a rate of its own."""
        with Network(["device", "edge", "cloud"], [Link("50 Mbit/s"), Link("5 Mbit/s")]) as net:
            receivers = [Receiver(net, "edge"), Receiver(net, "cloud")]
            senders = [Sender(net, "device", "edge"), Sender(net, "edge", "cloud")]
            for sender in senders:
                self.addCleanup(sender.connection.close)
            times = [self.time_of(*ends, 100000) for ends in zip(receivers, senders)]
            self.assertGreater(times[1], 0.15)
            self.assert_some(lambda: self.time_of(receivers[0], senders[0], 100000), 0.0160, 0.05)

    def test_nothing_remains(self):
        """Neither namespaces nor processes, even if the test is killed."""
        script = ("import network, subprocess, sys, time\n"
                  "net = network.Network(['device', 'cloud'], [network.Link('1 Mbit/s')])\n"
                  "process = net.start('cloud', ['sleep', '100'])\n"
                  "import os; print(process.pid, os.readlink(f'/proc/{process.pid}/ns/net'), flush=True)\n"
                  "time.sleep(100)\n")
        process = subprocess.Popen([sys.executable, "-B", "-c", script], cwd=pathlib.Path(__file__).parent,
                                   stdout=subprocess.PIPE, text=True)
        with process.stdout:
            pid, space = process.stdout.readline().split()
        self.assertIn(space, namespaces())
        process.send_signal(signal.SIGKILL)
        process.wait()
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline and (space in namespaces() or pathlib.Path(f"/proc/{pid}/root").exists()):
            time.sleep(0.01)
        self.assertNotIn(space, namespaces())

    def test_errors(self):
        with self.assertRaisesRegex(ValueError, "invalid rate '20 mbit'"):
            Network(["a", "b"], [Link("20 mbit")])
        with self.assertRaisesRegex(ValueError, "2 tiers need 1 links"):
            Network(["a", "b"], [])


def namespaces():
    """Those that processes are in."""
    found = set()
    for path in pathlib.Path("/proc").glob("[0-9]*/ns/net"):
        with contextlib.suppress(OSError):
            found.add(os.readlink(path))
    return found


if __name__ == "__main__":
    network.exit_if_not_permitted(with_delay=True)
    unittest.main()
