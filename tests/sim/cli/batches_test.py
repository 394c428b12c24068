#!/usr/bin/python3
"""Batches with measured times: the capacity of a saturated tier is that of the measurement."""
import csv
import unittest

from program import InFolder

# ResNet-50 on a T4 in float32 (NVIDIA DeepLearningExamples, TensorFlow): images per second by batch size.
T4 = {1: 98, 2: 186, 4: 325, 8: 363, 16: 409, 32: 420, 64: 428, 128: 426, 256: 415}
SCENARIO = """\
offcut: 1
stop: {{requests: {requests}}}
model: {model}
tiers:
  phone: {{is: {phone}, count: {count}}}
  cloud: {cloud}
network:
  phone-cloud: {{up: 10 Tbit/s, down: 10 Tbit/s, latency: 0 s}}
plan: {{algorithm: cloud-only, compare: none}}
workload: {{arrivals: closed-loop, think: 0 s}}
scheduling: {{cloud: {{batch: {{policy: fixed, size: {size}}}}}}}
"""
PROFILE = """\
model,batch,layer,median_s
mlp-s1,1,fc1,0.0007
mlp-s1,1,tanh1,0
mlp-s1,1,fc2,0.0003
mlp-s1,1,sigmoid2,0
"""
BATCHES_OF_4 = """\
mlp-s1,4,fc1,0.0014
mlp-s1,4,tanh1,0
mlp-s1,4,fc2,0.0006
mlp-s1,4,sigmoid2,0
"""


class Batches(InFolder):
    def setUp(self):
        super().setUp()
        seconds = {batch: batch / rate for batch, rate in T4.items()}
        names = ["t4_s" if batch == 1 else f"t4_s@{batch}" for batch in T4]
        # Two layers share the time, so that layers are interpolated one by one.
        rows = [["layer", "inputs", "output_bytes", "param_bytes", "macs", "phone_s", *names],
                ["image", "", 1, 0, 0, 0, *[0] * len(T4)],
                ["body", "image", 1, 0, 0, 9, *(0.75 * s for s in seconds.values())],
                ["head", "body", 1, 0, 0, 9, *(0.25 * s for s in seconds.values())]]
        with open(self.folder / "t4.csv", "w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(rows)
        (self.folder / "profile.csv").write_text(PROFILE + BATCHES_OF_4, encoding="utf-8")
        (self.folder / "single.csv").write_text(PROFILE, encoding="utf-8")

    def write(self, size, **changes):
        """Writes a scenario in which so many phones wait for an answer that each batch is full."""
        values = {"model": "{layers: t4.csv}", "phone": "column:phone", "cloud": "{is: column:t4}", "size": size, "count": 4 * size,
                  "requests": 200 * size, **changes}
        (self.folder / "run.yaml").write_text(SCENARIO.format(**values), encoding="utf-8")

    def capacity(self, size, **changes):
        """Returns the answers per second, and what the run printed."""
        self.write(size, **changes)
        text = self.succeed("run", "run.yaml", "--set", "output.requests=false", "--out", "out")
        with open(self.folder / "out/summary.csv", newline="", encoding="utf-8") as file:
            return float(next(csv.DictReader(file))["throughput_per_s"]), text

    def test_a_table_of_the_t4_gives_its_capacities(self):
        for size, rate in T4.items():
            found, text = self.capacity(size)
            self.assertAlmostEqual(found / rate, 1, delta=0.01, msg=f"batch {size}")
            self.assertNotIn("batches on cloud", text)

    def test_between_measured_sizes_the_time_is_on_a_line(self):
        found, _ = self.capacity(3)
        self.assertAlmostEqual(found, 3 / ((2 / 186 + 4 / 325) / 2), delta=0.01 * found)
        found, _ = self.capacity(160)
        self.assertAlmostEqual(found, 160 / (128 / 426 + (256 / 415 - 128 / 426) / 4), delta=0.01 * found)

    def test_beyond_the_largest_size_the_capacity_stays_and_a_note_says_so(self):
        found, text = self.capacity(384)
        self.assertAlmostEqual(found / 415, 1, delta=0.01)
        self.assertIn("cloud-only: batches on cloud are measured up to 256; larger ones, up to 384, count with the time per request "
                      "of 256", " ".join(text.split()))

    def test_a_profile_with_batches(self):
        model = {"model": "{zoo: mlp-s1}", "phone": "raspberry-pi-4b"}
        for size, milliseconds in ((1, 1), (4, 2), (2, 4 / 3)):
            found, _ = self.capacity(size, cloud="{profile: profile.csv}", **model)
            self.assertAlmostEqual(found / (size / milliseconds * 1e3), 1, delta=0.01, msg=f"batch {size}")
        found, _ = self.capacity(4, cloud="{profile: {file: profile.csv, scale: 2}}", **model)
        self.assertAlmostEqual(found / 1000, 1, delta=0.01)

    def test_the_table_is_inspected_batch_by_batch(self):
        text = self.succeed("inspect", "t4.csv")
        self.assertIn("total time on t4: 10.2 ms\n", text)
        self.assertIn("total time on t4, batch 8: 22 ms\n", text)

    def test_without_times_of_batches_there_are_no_batches(self):
        self.write(4, cloud="{is: column:phone}")
        self.assertEqual(self.refuse("run", "run.yaml"),
                         "run.yaml:6:15: error: tiers.cloud.is: t4.csv has the times of single requests in 'phone_s', but "
                         "scheduling.cloud.batch needs those of batches: a column such as 'phone_s@8' for batches of 8\n")
        self.write(4, model="{zoo: mlp-s1}", phone="raspberry-pi-4b", cloud="{profile: single.csv}")
        self.assertEqual(self.refuse("run", "run.yaml"),
                         "run.yaml:6:20: error: tiers.cloud.profile: single.csv has the times of single requests of mlp-s1 alone, "
                         "but scheduling.cloud.batch needs those of batches: offcut profile --batch 1,2,4,8 measures them\n")


if __name__ == "__main__":
    unittest.main()
