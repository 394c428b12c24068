#!/usr/bin/python3
"""The columns of all CSV files: their contract, their order, and their sections in docs, which --write rewrites."""
import csv
import re
import sys
import unittest

from program import SOURCE, InFolder, offcut

PAGES = [SOURCE / "docs" / name for name in ["results.md", "planning.md", "codecs.md", "profiles.md", "training.md",
                                         "compression.md"]]
# "<!-- columns of a.csv, b.csv -->", the sections that the program prints, "<!-- end of columns -->".
BLOCK = re.compile(r"(?s)(<!-- columns of ([^>]*?) -->\n).*?(<!-- end of columns -->\n)")
HEADERS = SOURCE / "tests/sim/cli/csv_headers.txt"

# The end of a name, by the column's unit.
ENDINGS = {"s": "_s", "bytes": "_bytes", "J": "_j", "1/s": "_per_s", "W": "_w", "h": "_hours", "bytes/s": "_bytes_per_s"}
# These are older than the rule. A renamed column would break readers.
ODD_NAMES = {("links.csv", "bytes"), ("codecs.csv", "bytes_mean"), ("codecs.csv", "bytes_max"), ("codecs.csv", "bytes_bound")}
ROW = re.compile(r"\| `(?P<name>[^`]*)` \| (?P<unit>[^|]*) \| (?P<doc>.*) \|")


# requests.csv has such a column for each tier but the first, or for each hop.
PLACE = re.compile(r"\A(TIER|HOP)\.")


def listed_as(name):
    """Returns the name in the list of a column of requests.csv. A hop has a dash in its name, a tier has none here."""
    place, dot, part = name.partition(".")
    return name if not dot else ("HOP." if "-" in place else "TIER.") + part


def markdown():
    result = offcut("list", "columns", "--markdown")
    assert (result.returncode, result.stderr) == (0, ""), result.stderr
    return result.stdout


def tables():
    """Returns, by file, the meaning of a row, and the columns as (name, unit, doc)."""
    found = {}
    for section in markdown().split("## ")[1:]:
        file, doc = section.split("\n\n")[:2]
        found[file] = (doc, [(row["name"], row["unit"], row["doc"]) for row in ROW.finditer(section)])
    return found


def sources():
    """Returns, by file, the paths that its paragraph "Source: ..." names, in order."""
    found = {}
    for section in markdown().split("## ")[1:]:
        file, _, source = section.split("\n\n")[:3]
        assert source.startswith("Source: "), file
        found[file] = re.findall(r"`([^`]*/[^`]*)`", source)
    return found


def sections():
    """Returns, by file, the section that `offcut list columns --markdown` prints."""
    return {section.split("\n")[0]: "## " + section.strip() + "\n" for section in markdown().split("## ")[1:]}


def up_to_date(page):
    """Returns the page with the sections that the program prints."""
    known = sections()
    fill = lambda match: match[1] + "\n" + "\n".join(known[file] for file in match[2].split(", ")) + "\n" + match[3]
    return BLOCK.sub(fill, page.read_text(encoding="utf-8"))


class Columns(InFolder):
    def test_names_are_unique_and_end_in_their_unit(self):
        for file, (_, columns) in tables().items():
            names = [name for name, _, _ in columns]
            self.assertEqual(len(names), len(set(names)), file)
            for name, unit, _ in columns:
                self.assertRegex(PLACE.sub("", name), r"\A[a-z][a-z0-9]*(_[a-z0-9]+)*\Z", file)
                if (file, name) in ODD_NAMES:
                    continue
                if unit:
                    self.assertTrue(name.endswith(ENDINGS[unit]), (file, name, unit))
                else:
                    self.assertFalse(any(name.endswith(end) for end in ENDINGS.values()), (file, name))

    def test_every_column_and_table_is_described_in_sentences(self):
        for file, (doc, columns) in tables().items():
            for name, text in [("the table", doc), *((name, text) for name, _, text in columns)]:
                self.assertRegex(text, r"(?s)\A[A-Z1`].*[.]\Z", (file, name))
                self.assertNotRegex(text, r"  |\t", (file, name))

    def test_every_table_names_the_source_files_that_compute_it(self):
        for file, paths in sources().items():
            self.assertTrue(paths, file)
            for path in paths:
                self.assertTrue((SOURCE / path).exists(), (file, path))
            tables_of = {"pareto.csv": 2, "summary.csv": 3}  # The sources that have columns.
            names = "".join((SOURCE / path).read_text(encoding="utf-8") for path in paths[:tables_of.get(file, 1)])
            for column, _, _ in tables()[file][1]:
                self.assertIn(f'{{"{column}", ', names, (file, column))

    def test_a_reader_finds_what_lost_s_is_and_where_it_is_computed(self):
        text = " ".join(self.succeed("list", "columns", "requests.csv").split())
        self.assertIn("lost_s s The time that failures cost the request", text)
        self.assertIn("`lost_s` in `sim/engine/recovery.cpp`", text)
        self.assertIn("record.lost +=", (SOURCE / "sim/engine/recovery.cpp").read_text(encoding="utf-8"))

    def test_columns_that_may_be_empty_say_when(self):
        """All columns that a run leaves empty somewhere."""
        self.succeed("run", "small.yaml", "--out", "out")
        for path in sorted((self.folder / "out").glob("*.csv")):
            docs = {name: doc for name, _, doc in tables()[path.name][1]}
            with path.open(encoding="utf-8", newline="") as file:
                for row in csv.DictReader(file):
                    if row.get("outcome", "").startswith("declined"):
                        continue  # The table says it once for all columns.
                    for name in [name for name, value in row.items() if value == ""]:
                        self.assertIn("Empty ", docs[listed_as(name)], (path.name, name))

    def test_no_column_changes_its_place(self):
        """Columns may only be added, at the end of a file, but before a last `model`, which the files of plan may lack."""
        expected = HEADERS.read_text(encoding="utf-8")
        found = "".join(f"{file}: {','.join(name for name, _, _ in columns)}\n" for file, (_, columns) in tables().items())
        self.assertEqual(found, expected, f"enter a new column in {HEADERS.relative_to(SOURCE)}")

    def test_the_pages_are_up_to_date(self):
        for page in PAGES:
            self.assertEqual(page.read_text(encoding="utf-8"), up_to_date(page),
                             f"{page.relative_to(SOURCE)} is out of date: run OFFCUT=build/release/offcut OFFCUT_SOURCE=. "
                             "tests/sim/cli/columns_test.py --write")

    def test_every_file_is_on_one_page(self):
        named = [file for page in PAGES for block in BLOCK.finditer(page.read_text(encoding="utf-8"))
                 for file in block[2].split(", ")]
        self.assertEqual(sorted(named), sorted(tables()))

    def test_files_have_the_columns_that_are_listed(self):
        expected = {line.split(": ")[0]: line.split(": ")[1] for line in HEADERS.read_text(encoding="utf-8").splitlines()}
        # The scenario has one tier after the first, and one hop.
        expected["requests.csv"] = expected["requests.csv"].replace("TIER.", "cloud.").replace("HOP.", "device-cloud.").split(",group")[0]
        expected["links.csv"] = expected["links.csv"].removesuffix(
            ",update_messages,update_bytes,update_part_bytes,task_messages,task_bytes")
        expected["tiers.csv"] = expected["tiers.csv"].removesuffix(",tasks,task_s")  # Nothing is trained.
        expected["events.csv"] = expected["events.csv"].removesuffix(",from,to")  # No device moves.
        expected["plan.csv"] = expected["plan.csv"].removesuffix(",group")  # It has one group of devices.
        self.succeed("run", "small.yaml", "--out", "out", "--decisions", "decisions.csv")
        self.succeed("inspect", "layers.csv", "--out", "out/work.csv")
        self.succeed("profile", "zoo:lenet5", "--rounds", "3", "--tolerance", "1000", "--out", "out/profile.csv")
        self.succeed("codecs", "zoo:lenet5", "--cut", "pool1", "--codec", "fp16", "--samples", "1", "--out", "out/codecs.csv")
        (self.folder / "decisions.csv").rename(self.folder / "out/decisions.csv")
        written = sorted((self.folder / "out").glob("*.csv"))
        self.assertGreaterEqual(len(written), 10)
        for path in written:
            header = path.read_text(encoding="utf-8").splitlines()[0]
            self.assertEqual(header, expected[path.name], path.name)
        self.succeed("plan", "small.yaml", "--out", "plan", "--sensitivity", "up=0.1..10 Mbit/s", "--pareto", "throughput,latency")
        headers = {path.name: path.read_text(encoding="utf-8").splitlines()[0] for path in (self.folder / "plan").glob("*.csv")}
        self.assertEqual(headers, {"plan.csv": expected["plan.csv"],
                                   "plans.csv": expected["plans.csv"].removesuffix(",model"),
                                   "sensitivity.csv": expected["sensitivity.csv"].removesuffix(",model"),
                                   "pareto.csv": "bottleneck_s,latency_s,cut"})


class List(InFolder):
    def test_the_columns_of_one_file_in_80_characters(self):
        text = self.succeed("list", "columns", "events.csv")
        self.assertEqual(text, """\
events.csv
  A row per failure, repair, loading or eviction of a model, cold start, start
  or end of a machine by an autoscaler, battery that is low or empty, start or
  end of a handover, and message of `updates` that arrives, in the run of the
  chosen plan. There is no file without such an event.
  Source: `analysis/tables/event_log.cpp`. Failures and repairs come from
  `sim/engine/core/fault_clock.cpp`, loads, evictions and cold starts from
  `sim/engine/tiers/computing.cpp`, starts and ends of machines from
  `sim/engine/tiers/machines.cpp`, those of batteries from
  `sim/engine/energy/batteries.cpp`, handovers from
  `sim/engine/mobility/handovers.cpp`.

  time_s  s  The time of the event.
  event      `machine down`, `machine up`, `link down`, `link up`, `model
             loading` (when it begins), `model evicted`, `battery low`
             (low-power mode begins) or `battery empty`. Of an autoscaler:
             `machine starting`, `machine ready` (it serves), `machine stopping`
             (it takes no further requests), `machine stopped` (it is gone).
             `cold start` of a machine (when it begins). `handover begins` and
             `handover ends` of a device. Of `updates`: `model pushed` (a
             version leaves the last tier), `model updated` (a device or a site
             serves the next version), `data uploaded` (it is on the last tier).
  where      The tier or hop of the event.
  which      The number of the machine or link there, from 0; of `updates`, that
             of the device or site.
  class      The first class that runs the model. Empty for an event of a
             machine or link.
  from       The site that the device leaves. Only if devices move; empty for
             other events.
  to         The site to which the device moves. Only if devices move; empty for
             other events.
""")

    def test_all_files_fit_80_characters(self):
        text = self.succeed("list", "columns")
        self.assertLessEqual(max(map(len, text.splitlines())), 80)
        self.assertEqual([line for line in text.splitlines() if line.endswith(".csv") and " " not in line], list(tables()))

    def test_files_and_lists_without_columns(self):
        self.assertEqual(self.refuse("list", "columns", "sumary.csv"),
                         "offcut list columns: error: no columns of a file 'sumary.csv'; did you mean 'summary.csv'?\n")
        for arguments in [["devices", "summary.csv"], ["devices", "--markdown"]]:
            self.assertEqual(self.refuse("list", *arguments), "offcut list: error: only 'columns' takes a file, 'keys' a path, and both --markdown\n")


if __name__ == "__main__":
    if "--write" in sys.argv:
        for page in PAGES:
            page.write_text(up_to_date(page), encoding="utf-8")
    else:
        unittest.main()
