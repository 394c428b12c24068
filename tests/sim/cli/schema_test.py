#!/usr/bin/python3
"""`offcut schema`: what the reader accepts, the schema accepts; and what the schema can refuse, it refuses.

Of the scenarios in scenarios/invalid, reader_only.txt lists those that only the reader can refuse, with the reason as a category;
all others must be refused by the schema, and none of the list may be. --write lists those that are missing as `unsorted`.
"""
import copy
import random
import re
import sys
import unittest

import jsonschema
import yaml

import chaos_test
import keys_test
from keys_test import FILES, NAMES, NEEDS, NEEDS_OF_KIND, example_of, name_of
from program import SOURCE, InFolder, offcut
from schemas import KINDS, errors, parsed, schema

INVALID = SOURCE / "scenarios" / "invalid"
LIST = SOURCE / "tests/sim/cli/reader_only.txt"
CHAOS = 40
MUTATIONS = 150
AT_ONCE = 40  # The program prints at most 100 errors.
WRONG = {"number": ["many", "5 furlong"], "whole number": [2.5, "2.5", "5 s"], "`true`, `false`": ["maybe"], "map": ["a text"],
         "file": [["a"]]}
WRONG_QUANTITY = ["5", "5 furlong", "s", "5 %"]


def reader_only():
    """The names of the scenarios by category."""
    listed = {}
    for line in LIST.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            category, names = line.split(": ", 1)
            listed.setdefault(category, []).extend(names.split())
    return listed


def invalid():
    """The scenarios of that folder that are YAML, in the way in which editors read it, by name."""
    found = {}
    for path in sorted(INVALID.glob("*.yaml")):
        try:
            found[path.stem] = parsed(path.read_text(encoding="utf-8"))
        except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError):
            continue
    return found


def refused_by_schema(documents):
    return {name for name, document in documents.items() if errors(document)}


class Shipped(unittest.TestCase):
    def test_schemas_are_schemas(self):
        for kind in KINDS:
            jsonschema.Draft7Validator.check_schema(schema(kind))
            self.assertEqual(schema(kind)["$schema"], "http://json-schema.org/draft-07/schema#")

    def test_every_scenario_and_sweep_is_valid(self):
        files = [path for path in sorted((SOURCE / "scenarios").rglob("*.yaml"))
                 if path.parent.name not in ("invalid", "catalogue")]
        self.assertGreater(len(files), 45)
        for path in files:
            with self.subTest(str(path.relative_to(SOURCE))):
                self.assertEqual(errors(parsed(path.read_text(encoding="utf-8"))), [])

    def test_the_catalogue_is_valid(self):
        for kind, file in [("devices", "devices.yaml"), ("links", "networks.yaml")]:
            self.assertEqual(errors(parsed((SOURCE / "scenarios/catalogue" / file).read_text(encoding="utf-8")), kind), [])

    def test_every_scenario_of_the_documents_is_valid(self):
        count = 0
        for page in [SOURCE / "README.md", *sorted((SOURCE / "docs").rglob("*.md"))]:
            for text in re.findall(r"(?s)```yaml\n(.*?)```", page.read_text(encoding="utf-8")):
                if re.search(r"(?m)^(offcut|base): ", text):
                    count += 1
                    with self.subTest(page=page.name):
                        self.assertEqual(errors(parsed(text)), [])
        self.assertGreater(count, 3)


class Invalid(unittest.TestCase):
    maxDiff = None

    def test_what_a_schema_can_refuse_is_refused(self):
        documents = invalid()
        listed = [name for names in reader_only().values() for name in names]
        self.assertEqual(len(listed), len(set(listed)))
        self.assertGreater(len(documents), 300)
        accepted = documents.keys() - refused_by_schema(documents)
        self.assertEqual(sorted(listed), sorted(accepted), "reader_only.txt is out of date")
        self.assertNotIn("unsorted", reader_only())

    def test_each_category_is_explained(self):
        comment = "".join(line for line in LIST.read_text(encoding="utf-8").splitlines() if line.startswith("#"))
        for category in reader_only():
            self.assertIn(f"{category} = ", comment)


def set_path(document, way, value):
    for key in way[:-1]:
        document = document.setdefault(key, {})
    document[way[-1]] = value


def find(document, way):
    for key in way:
        if not isinstance(document, dict) or key not in document:
            return None
        document = document[key]
    return document


def examples():
    """Scenarios with each key's example in its place, as keys_test.py has the reader accept: (way, owner, row, scenario)."""
    for path, owner, row in keys_test.fetched(keys_test.markdown()):
        full = f"{path}.{name_of(row)}" if path else name_of(row)
        if keys_test.OF_OTHER_DEVICES.search(full) or path.startswith("tiers.TIER.fitted"):
            continue
        named = path.startswith("models") or name_of(row) in ("model", "models")
        changes = [change for pattern, sets in NEEDS if re.search(pattern, full) for change in sets]
        changes += [change for kind, sets in NEEDS_OF_KIND.items() if f": {kind}," in example_of(row) for change in sets]
        steps, value = keys_test.setting(path, owner, row)
        document = parsed(FILES["named.yaml" if named and full != "model" else "base.yaml"])
        for change in changes:
            way, text = change.split("=", 1)
            set_path(document, way.split("."), parsed(text))
        set_path(document, steps, parsed(value))
        way = [NAMES.get(step, step) for step in path.split(".") if step] + [name_of(row)]
        yield full, way, owner, row, document


def wrong_values(row):
    """Values of which none is one of the key."""
    kind = row["type"]
    if kind in WRONG:
        return WRONG[kind]
    if kind in ("time", "data", "bandwidth", "speed", "power", "energy", "rate", "length"):
        return WRONG_QUANTITY
    names = re.fullmatch(r"name \(`offcut list (\w[\w-]*)`\)(, or a map)?", kind)
    is_choice = re.fullmatch(r"`[^`]+`(, `[^`]+`)*", kind) is not None
    return ["no-such-name"] if is_choice or (names and names[1] not in ("devices", "links")) else []


class Alike(InFolder):
    """The reader and the schema agree."""

    def accepted(self, documents):
        """The numbers of the documents that the program accepts."""
        refused = set()
        names = []
        for number, document in enumerate(documents):
            names.append(f"{number}.yaml")
            (self.folder / names[-1]).write_text(chaos_test.yaml(document), encoding="utf-8")
        for first in range(0, len(names), AT_ONCE):
            result = self.run_here("validate", *names[first:first + AT_ONCE])
            self.assertIn(result.returncode, (0, 2), result.stderr)
            self.assertNotRegex(result.stderr, r"(?m)^\.\.\. and ")
            refused |= {int(number) for number in re.findall(r"(?m)^(\d+)\.yaml:", result.stderr)}
        return set(range(len(names))) - refused

    def test_the_schema_accepts_the_example_of_every_key(self):
        count = 0
        for _, way, owner, row, document in examples():
            count += 1
            with self.subTest(".".join(way), owner=owner):
                self.assertEqual(errors(document), [], example_of(row))
        self.assertGreater(count, 300)

    def test_both_refuse_wrong_values_and_unknown_keys(self):
        draw = random.Random(1)
        all_examples = list(examples())
        open_maps = {path.split(".")[-2] for path, *_ in all_examples if "." in path and path.split(".")[-1].isupper()}
        wrong = []
        for path, way, _, row, document in all_examples:
            values = wrong_values(row) if find(document, way) is not None else []
            for value in values:
                changed = copy.deepcopy(document)
                set_path(changed, way, value)
                wrong.append((".".join(way) + f" = {value}", changed))
            if isinstance(find(document, way), dict) and row["type"] == "map" and path.split(".")[-1] not in open_maps:
                changed = copy.deepcopy(document)
                set_path(changed, way + ["un listed"], 1)
                wrong.append((".".join(way) + ".un listed", changed))
        self.assertGreater(len(wrong), 400)
        sample = draw.sample(wrong, MUTATIONS)
        for title, document in sample:
            with self.subTest(title):
                self.assertNotEqual(errors(document), [])
        accepted = self.accepted([document for _, document in sample])
        self.assertEqual([sample[number][0] for number in sorted(accepted)], [])

    def test_the_schema_accepts_random_scenarios_that_the_reader_accepts(self):
        documents = [chaos_test.scenario(seed) for seed in range(CHAOS)]
        accepted = self.accepted(documents)
        self.assertGreater(len(accepted), CHAOS * 0.9)
        for number in accepted:
            with self.subTest(seed=number):
                self.assertEqual(errors(parsed(chaos_test.yaml(documents[number]))), [])


class Texts(unittest.TestCase):
    def test_descriptions_and_defaults_are_those_of_the_tables(self):
        top = schema("scenario")
        seed = top["properties"]["seed"]
        self.assertIn("The seed of all that is random.", seed["description"])
        self.assertIn("default: `1`", seed["description"])
        self.assertEqual(seed["default"], 1)
        rows = {(path, name_of(row)): row for path, owner, row in keys_test.fetched(keys_test.markdown()) if not owner}
        keys = [(path, name, key) for path, definition in top["definitions"].items()
                for name, key in definition.get("properties", {}).items() if (path, name) in rows]
        self.assertGreater(len(keys), 250)
        for path, name, key in keys:
            self.assertIn(rows[path, name]["meaning"].split("\n")[0], key["description"], path)

    def test_names_are_those_of_the_registries(self):
        algorithms = schema("scenario")["definitions"]["plan"]["properties"]["algorithm"]["enum"]
        listed = [line.split()[0] for line in offcut("list", "algorithms").stdout.splitlines()[1:] if line[:1].strip()]
        self.assertEqual(algorithms, listed)
        self.assertIn("jetson-nano", str(schema("scenario")["definitions"]["tiers.TIER"]["properties"]["is"]))

    def test_no_such_kind(self):
        result = offcut("schema", "sweeps")
        self.assertEqual((result.returncode, result.stdout), (2, ""))
        self.assertEqual(result.stderr, "offcut schema: error: no schema of 'sweeps'; did you mean 'sweep'?\n")


def write():
    documents = invalid()
    accepted = documents.keys() - refused_by_schema(documents)
    lines = []
    for line in LIST.read_text(encoding="utf-8").splitlines():
        category, _, names = line.partition(": ")
        kept = [name for name in names.split() if name in accepted]
        lines += [line] if line.startswith("#") else [f"{category}: {' '.join(kept)}"] if kept else []
    new = sorted(accepted - {name for names in reader_only().values() for name in names})
    LIST.write_text("\n".join(lines + ([f"unsorted: {' '.join(new)}"] if new else [])) + "\n", encoding="utf-8")


if __name__ == "__main__":
    if "--write" in sys.argv:
        write()
    else:
        unittest.main()
