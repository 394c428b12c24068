"""A chain of tiers on one machine: a network namespace per tier, joined by links with a rate, a burst, a buffer and a delay.

A link is a pair of veth interfaces; one with a delay is a pair of TUN interfaces and the program rig_delay, since not every
kernel has netem. Each direction is shaped by tbf. The namespaces have no names: open files and processes hold them, and
every process dies with this one, so the kernel removes all of it even after SIGKILL. No interface leads out of the machine.

    with Network(["device", "cloud"], [Link("20 Mbit/s", delay_s=0.01)]) as network:
        server = network.start("cloud", ["offcut", "serve", part, "--listen", f"{network.address('cloud')}:7000"])
        network.links[0].set_rate("5 Mbit/s")
"""
import contextlib
import ctypes
import fcntl
import os
import pathlib
import re
import signal
import struct
import subprocess
import sys

CLONE_NEWNET = 0x40000000
PR_SET_PDEATHSIG = 1
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
ETHERNET_HEADER = 14  # tbf counts it on veth. On TUN, which has none, it is added, so that both carry the same payload.
MTU = 1500
SHORTEST_BURST = MTU + ETHERNET_HEADER + 86  # A packet, and room for tc's rounding.
UNITS = {"bit/s": 1, "kbit/s": 1e3, "Mbit/s": 1e6, "Gbit/s": 1e9}

libc = ctypes.CDLL(None, use_errno=True)


class NotPermitted(Exception):
    """The machine does not let us make a network; the text is the reason."""


def bits_per_second(rate):
    """The number that "20 Mbit/s" stands for."""
    match = re.fullmatch(r"([\d.]+) ?(bit/s|kbit/s|Mbit/s|Gbit/s)", rate)
    if not match:
        raise ValueError(f"invalid rate '{rate}': expected a number and one of {', '.join(UNITS)}")
    return float(match[1]) * UNITS[match[2]]


def default_burst(rate):
    """Bytes that may pass at once after a pause: a packet, and as much as arrives while a timer is late by half a
    millisecond, so that late timers take nothing away from the rate."""
    return SHORTEST_BURST + int(bits_per_second(rate) / 8 * 0.0005)


class Link:
    """The link between a tier and the next one. Up is the direction away from the device; `down` is the rate of `up`
    unless given. `buffer` is what waits at most, in bytes; the delay is that of one way."""

    def __init__(self, up, down=None, delay_s=0.0, jitter_s=0.0, burst=None, buffer=256 * 1024):
        self.up, self.down, self.delay_s, self.jitter_s = up, down or up, delay_s, jitter_s
        self.burst, self.buffer = burst, buffer
        self.ends = None  # Pairs of namespace and interface: near the device, and far from it.

    def set_rate(self, up, down=None):
        """Changes the rates while the link is in use. The buckets are full afterwards, and never smaller than before:
        a packet that waits and does not fit into its bucket would wait for ever."""
        self.burst = max(self.burst or 0, *(default_burst(rate) for rate in (self.up, self.down, up, down or up)))
        self.up, self.down = up, down or up
        self._shape("replace")

    def cut(self):
        """Pulls the plug: packets are lost without a word, and connections do not notice at once."""
        for space, interface in self.ends:
            space.run("ip", "link", "set", "dev", interface, "down")

    def restore(self):
        for space, interface in self.ends:
            space.run("ip", "link", "set", "dev", interface, "up")

    def dropped(self):
        """Packets that the buffers had no room for, up and down."""
        texts = [space.run("tc", "-s", "qdisc", "show", "dev", interface) for space, interface in self.ends]
        return tuple(int(re.search(r"dropped (\d+)", text)[1]) for text in texts)

    def _shape(self, verb):
        for (space, interface), rate in zip(self.ends, (self.up, self.down)):
            overhead = ["overhead", str(ETHERNET_HEADER)] if self.delay_s else []
            space.run("tc", "qdisc", verb, "dev", interface, "root", "tbf", "rate", f"{bits_per_second(rate):.0f}bit",
                      "burst", str(self.burst or default_burst(rate)), "limit", str(self.buffer), *overhead)


class Namespace:
    """A network namespace that exists as long as this object's file is open, or a process is in it."""

    def __init__(self):
        with _home() as home:
            _call("unshare", CLONE_NEWNET)
            self.file = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
            _set_namespace(home)
        self.path = f"/proc/{os.getpid()}/fd/{self.file}"
        self.run("ip", "link", "set", "dev", "lo", "up")
        with self.entered():
            pathlib.Path("/proc/sys/net/ipv6/conf/default/disable_ipv6").write_text("1")  # No packets of its own.

    @contextlib.contextmanager
    def entered(self):
        """This thread is in the namespace within the context: its sockets, files in /proc/sys/net, and devices."""
        with _home() as home:
            _set_namespace(self.file)
            try:
                yield
            finally:
                _set_namespace(home)

    def start(self, command, cores=None, **arguments):
        """A process in the namespace, on these cores. It dies with this one."""
        def enter():
            libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
            _set_namespace(self.file)
            if cores:
                os.sched_setaffinity(0, cores)
        return subprocess.Popen([str(word) for word in command], preexec_fn=enter, **arguments)

    def run(self, *command):
        """What the command prints. Raises RuntimeError with its message if it fails."""
        process = self.start(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        output, message = process.communicate()
        if process.returncode:
            raise RuntimeError(f"{' '.join(command)}: {message.strip()}")
        return output

    def close(self):
        os.close(self.file)


class Network:
    """The namespaces of a chain of tiers, and what joins them. `links` has one fewer than `tiers`."""

    def __init__(self, tiers, links):
        if len(links) != len(tiers) - 1:
            raise ValueError(f"{len(tiers)} tiers need {len(tiers) - 1} links, and there are {len(links)}")
        if reason := reason_not_permitted(any(link.delay_s for link in links)):
            raise NotPermitted(reason)
        self.tiers, self.links = list(tiers), list(links)
        self.spaces, self._processes, self._files = {}, [], []
        try:
            for tier in tiers:
                self.spaces[tier] = Namespace()
            for index, link in enumerate(links):
                self._join(index, link)
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def address(self, tier):
        """The address at which the tier before this one reaches it; the first tier's is that towards the second."""
        index = self.tiers.index(tier)
        return f"10.73.{max(index - 1, 0)}.{2 if index else 1}"

    def start(self, tier, command, cores=None, **arguments):
        """A process of a tier. It is killed when the network is closed."""
        process = self.spaces[tier].start(command, cores, **arguments)
        self._processes.append(process)
        return process

    def close(self):
        for process in reversed(self._processes):
            if process.poll() is None:
                process.kill()
            process.wait()
        for file in self._files:
            os.close(file)
        for space in self.spaces.values():
            space.close()
        self.spaces, self._processes, self._files = {}, [], []

    def _join(self, index, link):
        near, far = (self.spaces[tier] for tier in self.tiers[index:index + 2])
        link.ends = ((near, f"up{index}"), (far, f"down{index}"))
        if link.delay_s:
            self._join_by_tun(link)
        else:
            near.run("ip", "link", "add", "name", f"up{index}", "type", "veth", "peer", "name", f"down{index}",
                     "netns", far.path)
        for number, (space, interface) in enumerate(link.ends, 1):
            space.run("ip", "address", "add", f"10.73.{index}.{number}/30", "dev", interface)
            space.run("ip", "link", "set", "dev", interface, "mtu", str(MTU), "up")
        link._shape("add")

    def _join_by_tun(self, link):
        files = []
        for space, interface in link.ends:
            with space.entered():
                file = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
                self._files.append(file)
                files.append(file)
                fcntl.ioctl(file, TUNSETIFF, struct.pack("16sH22x", interface.encode(), IFF_TUN | IFF_NO_PI))
            space.run("ip", "link", "set", "dev", interface, "txqueuelen", "2000")
        program = self.spaces[self.tiers[0]].start(
            [delay_program(), *files, f"{link.delay_s * 1e6:.0f}", f"{link.jitter_s * 1e6:.0f}"], pass_fds=files)
        self._processes.append(program)


def delay_program():
    """The path of rig_delay, which the build makes from delay.cpp."""
    beside = pathlib.Path(__file__).parents[2] / "build/release/tests/rig_delay"
    return os.environ.get("RIG_DELAY", beside)


def reason_not_permitted(with_delay=False):
    """Why a network can't be made here, or an empty text. Tries it, since rights have many sources."""
    for program in ("ip", "tc"):
        if subprocess.run(["sh", "-c", f"command -v {program}"], capture_output=True).returncode:
            return f"{program} is not installed (Debian: iproute2)"
    try:
        space = Namespace()
    except OSError as error:
        return f"no network namespace can be made: {error.strerror}"
    try:
        space.run("ip", "link", "add", "name", "a", "type", "veth", "peer", "name", "b")
        space.run("tc", "qdisc", "add", "dev", "a", "root", "tbf", "rate", "1mbit", "burst", "2000", "limit", "9000")
        if with_delay:
            os.close(os.open("/dev/net/tun", os.O_RDWR))
    except (OSError, RuntimeError) as error:
        return f"no link can be made: {error}"
    finally:
        space.close()
    if with_delay and not os.access(delay_program(), os.X_OK):
        return f"{delay_program()} is missing (target rig_delay)"
    return ""


def exit_if_not_permitted(with_delay=False):
    """Ends a test with the exit code that ctest shows as skipped."""
    if reason := reason_not_permitted(with_delay):
        print(f"skipped: {reason}")
        sys.exit(77)


@contextlib.contextmanager
def _home():
    file = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    try:
        yield file
    finally:
        os.close(file)


def _set_namespace(file):
    _call("setns", file, CLONE_NEWNET)


def _call(name, *arguments):
    if getattr(libc, name)(*arguments):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
