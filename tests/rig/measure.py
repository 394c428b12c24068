#!/usr/bin/python3
"""Measures what docs/validation.md compares with predictions: real splits over shaped links.

Each tier runs `offcut serve` in a network namespace of its own, on a core of its own; they are joined by a link that is
shaped to the cell's rate. Cells that are complete are left as they are, so the program may be stopped and started again.
The machine should have nothing else to do.
"""
import argparse
import contextlib
import json
import os
import pathlib
import random
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import matrix  # noqa: E402
import network  # noqa: E402

SOURCE = pathlib.Path(os.environ.get("OFFCUT_SOURCE", pathlib.Path(__file__).parents[2]))
PROGRAM = os.environ.get("OFFCUT", SOURCE / "build/release/offcut")
PORT = 7000
TOKEN = "rig"  # offcut asks for one on addresses that are not loopback.
DEVICE_CORE, CLOUD_CORE = {0}, {1}
PATIENCE_S = 120


class Cloud:
    """A cut's cloud on a link of one rate, as long as cells need it."""

    def __init__(self, parts, rate, folder):
        self.link = network.Link(rate)
        self.network = network.Network(["device", "cloud"], [self.link])
        self.parts = parts
        self.address = f"{self.network.address('cloud')}:{PORT}"
        folder.mkdir(parents=True, exist_ok=True)
        self.log = folder / "cloud.log"
        with open(self.log, "w") as log:
            self.network.start("cloud", [PROGRAM, "serve", parts / "1-cloud.onnx", "--listen", self.address,
                                         "--token", TOKEN], CLOUD_CORE, stdout=log, stderr=log)
        deadline = time.monotonic() + PATIENCE_S
        while "cloud: listening on" not in self.log.read_text():
            if time.monotonic() > deadline:
                self.close()
                raise RuntimeError(f"the cloud did not start, see {self.log}")
            time.sleep(0.02)

    def run(self, cell, load, root):
        """Measures a cell. Raises RuntimeError unless all requests are answered."""
        folder = cell.folder(root)
        command = [PROGRAM, "serve", self.parts / "0-device.onnx", "--to", self.address, "--token", TOKEN, "--load", load,
                   "--requests", cell.requests(), "--seed", 1, "--out", folder]
        done = self.network.start("device", command, DEVICE_CORE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  text=True)
        output, _ = done.communicate(timeout=PATIENCE_S + 20 * cell.seconds())
        if done.returncode:
            raise RuntimeError(f"{folder}: exit code {done.returncode}: {output}")
        if len(matrix.latencies(folder)) != cell.requests():
            raise RuntimeError(f"{folder}: not all requests were answered: {output}")
        rig = {"rate": cell.rate, "burst_bytes": network.default_burst(cell.rate), "buffer_bytes": self.link.buffer,
               "delay_s": self.link.delay_s, "load": str(load), "lost_packets": self.link.dropped(),
               "busy": [round(value, 2) for value in os.getloadavg()]}
        (folder / "rig.json").write_text(json.dumps(rig, indent=1) + "\n")

    def close(self):
        self.network.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def split(cell, root):
    """The folder with the parts of a network."""
    parts = root / cell.network.name / cell.cut / "parts"
    if not (parts / "1-cloud.onnx").exists():
        subprocess.run([PROGRAM, "split", f"zoo:{cell.network.name}", "--cut", cell.cut, "--out", parts, "--quiet"],
                       check=True, stdout=subprocess.DEVNULL)
    return parts


def profile(net, root):
    """The layers' times, which a scenario begins with."""
    file = root / net.name / "profile.csv"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run([PROGRAM, "profile", f"zoo:{net.name}", "--tolerance", "50", "--out", file, "--quiet"], check=True,
                       stdout=subprocess.DEVNULL, preexec_fn=lambda: os.sched_setaffinity(0, DEVICE_CORE))


def load_of(cell, root):
    """What --load gets. Both passes have the same rate and so the same arrivals."""
    if cell.load == "closed":
        return "closed"
    if cell.load == matrix.CHOICE_LOAD:
        return choice_arrivals(cell.network, root)

    def first(load):
        return matrix.Cell(cell.network, cell.cut, cell.rate, load, 1).folder(root)
    if cell.load == matrix.FULL_LOAD:
        return f"{matrix.FULL_FACTOR * matrix.serial_capacity_per_s(first('closed')):.6g} /s"
    return f"{cell.share() * matrix.capacity_per_s(first(matrix.FULL_LOAD)):.6g} /s"


def choice_arrivals(net, root):
    """A trace of arrivals for all cuts and rates of a network; its rate follows from what computing takes."""
    file = root / net.name / "arrivals.csv"
    if not file.exists():
        closed = matrix.Cell(net, net.main_cuts[0], matrix.MAIN_RATES[-1], "closed", 1).folder(root)
        per_s = matrix.CHOICE_SHARE / matrix.compute_s(closed)
        stream, now, text = random.Random(1), 0.0, "time_s\n"
        for _ in range(matrix.CHOICE_REQUESTS):
            now += stream.expovariate(per_s)
            text += f"{now:.9f}\n"
        file.write_text(text)
    return file


def groups(cells):
    """The cells that follow one another on one link, with one cloud."""
    for index, cell in enumerate(cells):
        before = cells[index - 1] if index else None
        if before is None or (before.network, before.cut, before.rate, before.number) != \
                (cell.network, cell.cut, cell.rate, cell.number):
            group = []
            yield group
        group.append(cell)


def measure(cells, root):
    left = [cell for cell in cells if not cell.is_complete(root)]
    say(f"{len(left)} of {len(cells)} cells to measure, about {sum(cell.seconds() for cell in left) / 60:.0f} minutes")
    begun, planned_s, count = time.monotonic(), 0, 0
    for net in dict.fromkeys(cell.network for cell in cells):
        profile(net, root)
    for group in list(groups(left)):
        parts = split(group[0], root)
        with Cloud(parts, group[0].rate, group[0].folder(root).parent) as cloud:
            for cell in group:
                cloud.run(cell, load_of(cell, root), root)
                count += 1
                planned_s += cell.seconds()
                rest = sum(other.seconds() for other in left[count:])
                pace = (time.monotonic() - begun) / planned_s
                say(f"{count}/{len(left)} {cell.folder(root).relative_to(root)}: p50 "
                    f"{matrix.quantile(matrix.latencies(cell.folder(root)), 0.5) * 1e3:.1f} ms; "
                    f"{rest * pace / 60:.0f} minutes left")


def say(text):
    print(text, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0], epilog="Example: measure.py --out /tmp/measured")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="folder of the measured cells")
    parser.add_argument("--networks", default=",".join(net.name for net in matrix.NETWORKS), help="default: %(default)s")
    parser.add_argument("--passes", type=int, choices=(1, 2), default=2, help="default: %(default)s")
    parser.add_argument("--only", choices=("main", "choice"), help="the cells of the errors, or those of the best cut; "
                        "the latter need the former's first pass")
    parser.add_argument("--dry-run", action="store_true", help="say how long it will take, and end")
    arguments = parser.parse_args()
    known = {net.name: net for net in matrix.NETWORKS}
    names = arguments.networks.split(",")
    if unknown := [name for name in names if name not in known]:
        parser.error(f"--networks: unknown: {', '.join(unknown)}; valid: {', '.join(known)}")
    chosen = [known[name] for name in names]
    passes = matrix.PASSES[:arguments.passes]
    cells = []
    if arguments.only != "choice":
        cells += matrix.main_cells(chosen, passes=passes)
    if arguments.only != "main":
        cells += matrix.choice_cells(chosen, passes=passes)
    if arguments.dry_run:
        say(f"{len(cells)} cells, about {sum(cell.seconds() for cell in cells) / 60:.0f} minutes")
        return
    network.exit_if_not_permitted()
    with contextlib.suppress(KeyboardInterrupt):
        measure(cells, arguments.out.resolve())


if __name__ == "__main__":
    main()
