#!/usr/bin/python3
"""docs/papers.md: its table is what `offcut plan` says of the papers' scenarios. With --update it writes the table instead:
read the diff before you believe it, and the sentences around it."""
import csv
import re
import sys
import tempfile
import unittest

from program import SOURCE, offcut

PAGE = SOURCE / "docs/papers.md"
TABLE = re.compile(r"(?<=<!-- table: tests/sim/cli/papers_test.py --update -->\n).*(?=<!-- end -->)", re.DOTALL)

ALEXNET, RESNET, YOLO = ("scenarios/neurosurgeon-alexnet.yaml", "scenarios/papers/dads-resnet18.yaml",
                         "scenarios/papers/dads-tiny-yolo.yaml")
PROCESSOR = "tiers.device.is=jetson-tk1-cpu"
FLOAT = "model.input.wire=float32"


def line(name, up):
    return f"network.device-cloud={{is: {name}, up: {up} Mbit/s}}"


# The case, the rate up, what is published, the scenario and its changes.
CASES = [
    ("AlexNet, TK1's GPU", "1.4 (3G)", "all on the device", ALEXNET, [line("3g", 1.4)]),
    ("AlexNet, TK1's GPU", "6.76 (LTE)", "all on the device", ALEXNET, [line("lte", 6.76)]),
    ("AlexNet, TK1's GPU", "12.8 (Wi-Fi)", "after pool5", ALEXNET, [line("wifi", 12.8)]),
    ("AlexNet, TK1's processor", "6.76 (LTE)", "all in the cloud", ALEXNET, [line("lte", 6.76), PROCESSOR]),
    ("AlexNet, TK1's processor", "12.8 (Wi-Fi)", "all in the cloud", ALEXNET, [line("wifi", 12.8), PROCESSOR]),
    ("ResNet-18, Pi 3B", "0.13 (Cat 1)", "1.46 and 2.8 times as fast", RESNET, [line("cat1-iot", 0.13)]),
    ("ResNet-18, Pi 3B", "1.1 (3G)", "4.14 and 1.4 times as fast", RESNET, [line("3g", 1.1)]),
    ("ResNet-18, Pi 3B", "5.85 (4G)", "7.23 and 1.1 times as fast", RESNET, [line("lte", 5.85)]),
    ("ResNet-18, Pi 3B", "18.88 (Wi-Fi)", "8.32 and 1 times as fast", RESNET, [line("wifi", 18.88)]),
    ("tiny YOLO, Pi 3B", "0.13 (Cat 1)", "", YOLO, [line("cat1-iot", 0.13)]),
    ("tiny YOLO, Pi 3B", "1.1 (3G)", "", YOLO, [line("3g", 1.1)]),
    ("tiny YOLO, Pi 3B", "4 (4G)", "after max5", YOLO, [line("lte", 4)]),
    ("tiny YOLO, Pi 3B", "5.85 (4G)", "", YOLO, [line("lte", 5.85)]),
    ("tiny YOLO, Pi 3B", "18.88 (Wi-Fi)", "all in the cloud, 0.59 s", YOLO, [line("wifi", 18.88)]),
    ("the same, input as float32", "4 (4G)", "after max5", YOLO, [line("lte", 4), FLOAT]),
    ("the same, input as float32", "18.88 (Wi-Fi)", "all in the cloud, 0.59 s", YOLO, [line("wifi", 18.88), FLOAT]),
]


def plans(scenario, changes):
    with tempfile.TemporaryDirectory(prefix="offcut-papers-") as folder:
        result = offcut("plan", scenario, *(part for change in changes for part in ("--set", change)), "--out", folder)
        if result.returncode != 0:
            raise AssertionError(result.stderr)
        with open(folder + "/plans.csv", encoding="utf-8", newline="") as file:
            return {row["algorithm"]: row for row in csv.DictReader(file)}


def row(case, rate, published, scenario, changes):
    found = plans(scenario, changes)
    best, device, cloud = (float(found[name]["latency_s"]) for name in ("multi-tier", "device-only", "cloud-only"))
    return (f"| {case} | {rate} | {published or '-'} | {found['multi-tier']['cut']} | {best * 1e3:.3g} | "
            f"{device / best:.2f} | {cloud / best:.2f} |\n")


def table():
    head = ("network, device", "Mbit/s up", "published", "ours", "ms", "device-only takes", "cloud-only takes")
    return ("| " + " | ".join(head) + " |\n" + "| --- " * len(head) + "|\n" + "".join(row(*case) for case in CASES))


class Papers(unittest.TestCase):
    maxDiff = None

    def test_the_table_is_what_the_program_says(self):
        self.assertEqual(TABLE.search(PAGE.read_text(encoding="utf-8")).group(), table())


if __name__ == "__main__":
    if "--update" in sys.argv:
        made = table()
        PAGE.write_text(TABLE.sub(lambda _: made, PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    else:
        unittest.main()
