#!/usr/bin/python3
"""Values of --set that a shell has split, and names and units that --set misspells."""
import csv
import unittest

from program import InFolder


class Set(InFolder):
    def test_a_value_without_quotes(self):
        quotes = "error: the shell splits a value at its blanks; expected quotes around it: --set "
        for arguments, place, whole in [
            (("network.device-cloud.up=10", "Mbit/s"), "network.device-cloud.up=10", "network.device-cloud.up=10 Mbit/s"),
            (("network.device-cloud.latency=3.5", "ms"), "network.device-cloud.latency=3.5", "network.device-cloud.latency=3.5 ms"),
            (("stop={requests:", "10}"), "stop={requests:", "stop={requests: 10}"),
            (("plan.compare=[exact,", "greedy]"), "plan.compare=[exact,", "plan.compare=[exact, greedy]"),
            (("name=my", "title"), "name=my", "name=my title"),
        ]:
            for before, after in ([["small.yaml"], []], [[], ["small.yaml"]]):
                self.assertEqual(self.refuse("run", *before, "--set", *arguments, *after), f"--set {place}: {quotes}'{whole}'\n")
        self.assertIn(quotes, self.refuse("validate", "--set", "workload.rate=3", "/s", "small.yaml"))
        self.assertIn(quotes, self.refuse("validate", "--set=workload.rate=3", "/min", "small.yaml"))
        self.succeed("validate", "--set", "seed=3", "small.yaml")
        self.succeed("validate", "--set", "workload.rate=3 /s", "small.yaml")
        self.assertIn("not expected: more", self.refuse("run", "small.yaml", "more", "--set", "seed=3"))

    def test_a_misspelt_name_is_not_created(self):
        (self.folder / "classes.yaml").write_text(
            (self.folder / "small.yaml").read_text(encoding="utf-8").split("workload:", maxsplit=1)[0] +
            "workload: {classes: {urgent: {arrivals: periodic, rate: 1 /s}}}\n"
            "networks: {satellite: {up: 2 Mbit/s, down: 20 Mbit/s, latency: 300 ms}}\n", encoding="utf-8")
        for change, message in [
            ("tiers.devise.count=3", "there is no tier 'devise'; did you mean 'device'?"),
            ("workload.classes.urgnt.rate=3 /s", "there is no class 'urgnt'; did you mean 'urgent'?"),
            ("networks.satelite.up=3 Mbit/s", "there is no link 'satelite'; did you mean 'satellite'?"),
            ("network.device-clod.up=3 Mbit/s", "unknown key 'network.device-clod'; did you mean 'network.device-cloud'?"),
            ("scheduling.clud.queue=edf", "unknown key 'scheduling.clud'"),
        ]:
            error = self.refuse("run", "classes.yaml", "--set", change)
            self.assertRegex(error, r"^--set [^\n]*\n$")
            self.assertIn(message.split(";")[0], error)
            if "mean" in message:
                self.assertIn("did you mean '" + message.split("'")[-2].split(".")[-1], error)
        # A whole entry may be added.
        self.succeed("validate", "classes.yaml", "--set", "workload.classes.late={arrivals: poisson, rate: 2 /s}",
                     "--set", "workload.classes.late.rate=3 /s")

    def test_units_of_bits(self):
        self.assertIn("got '10 Mb/s'; did you mean 'Mbit/s'?", self.refuse("run", "small.yaml", "--set", "network.device-cloud.up=10 Mb/s"))
        for name, value in [("a", "10 Mbps"), ("b", "10 Mbit/s")]:
            self.succeed("run", "small.yaml", "--set", f"network.device-cloud.up={value}", "--out", name)
        self.assertEqual((self.folder / "a/requests.csv").read_bytes(), (self.folder / "b/requests.csv").read_bytes())

    def test_periodic_takes_a_rate_or_a_period(self):
        for name, value in [("a", "rate: 4 /s"), ("b", "period: 250 ms")]:
            self.succeed("run", "small.yaml", "--set", f"workload={{arrivals: periodic, {value}}}", "--out", name)
        self.assertEqual((self.folder / "a/requests.csv").read_bytes(), (self.folder / "b/requests.csv").read_bytes())
        self.assertIn("workload.rate: give 'period' or 'rate', not both",
                      self.refuse("run", "small.yaml", "--set", "workload={arrivals: periodic, rate: 4 /s, period: 1 s}"))
        self.assertIn("'workload.period' or 'rate' is missing", self.refuse("run", "small.yaml", "--set", "workload={arrivals: periodic}"))
        self.assertIn("did you mean 'rate'?", self.refuse("run", "small.yaml", "--set", "workload={arrivals: periodic, rat: 4 /s}"))

    def test_tiers_of_any_name(self):
        self.succeed("run", "small.yaml", "--set", "tiers={phone: {is: 'column:phone'}, rack: {is: 'column:server'}}", "--set",
                     "network={phone-rack: {up: 1 Mbit/s, down: 1 Mbit/s, latency: 10 ms}}", "--set", "plan={algorithm: min-cut}", "--out", "a")
        self.assertEqual(self.algorithms("a"), ["min-cut", "device-only", "edge-only"])
        self.succeed("run", "small.yaml", "--set", "plan={algorithm: min-cut}", "--out", "b")
        self.assertEqual(self.algorithms("b"), ["min-cut", "device-only", "cloud-only"])
        self.succeed("run", "small.yaml", "--set", "plan={algorithm: edge-only, tier: cloud, compare: cloud-only}", "--out", "c")
        self.assertEqual(self.algorithms("c"), ["edge-only", "cloud-only"])
        text = self.succeed("run", "small.yaml", "--set", "plan={algorithm: cloud-only}", "--out", "d")
        self.assertEqual(self.algorithms("d"), ["cloud-only", "device-only"])
        self.assertNotIn("declines", text)
        self.assertIn("plan.tier: unknown tier 'clod'; did you mean 'cloud'?",
                      self.refuse("run", "small.yaml", "--set", "plan={algorithm: edge-only, tier: clod}"))

    def algorithms(self, folder):
        with open(self.folder / folder / "summary.csv", encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        self.assertEqual({row["outcome"] for row in rows}, {"completed"})
        return [row["algorithm"] for row in rows]


if __name__ == "__main__":
    unittest.main()
