"""YAML as editors read it, and the JSON Schemas of the program.

Editors read YAML 1.2, where `off` is a text and `true` a truth value; PyYAML reads YAML 1.1, so that its resolvers are replaced.
Keys are texts, as for offcut. The validator is Debian's python3-jsonschema, which shares no code with offcut.
"""
import functools
import json
import re

import jsonschema
import yaml

from program import offcut

KINDS = ["scenario", "sweep", "devices", "links", "fitted"]
# A list with a common unit, as in `[1, 2] Mbit/s`, is no YAML: the program reads it as a quoted text.
LIST_WITH_UNIT = re.compile(r"(?m)(: )(\[[^\]\[{}'\"\n]*\] *[A-Za-z/%][^,}#'\"\n]*?)(?= *(?:[,}#]|$))")


class Loader(yaml.SafeLoader):
    """Reads the core schema of YAML 1.2."""

    def construct_mapping(self, node, deep=False):
        if any(not isinstance(key, yaml.ScalarNode) for key, _ in node.value):
            raise yaml.constructor.ConstructorError(None, None, "a key must be a text", node.start_mark)
        return {key.value: self.construct_object(value, deep=True) for key, value in node.value}


Loader.yaml_implicit_resolvers = {}
for tag, pattern, first in [
        ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"), ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
        ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
        ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)", "-+.0123456789")]:
    Loader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(rf"(?:{pattern})\Z"), list(first))
Loader.add_constructor("tag:yaml.org,2002:int", lambda loader, node: int(node.value, 0 if node.value[:2] in ("0x", "0o") else 10))
Loader.add_constructor("tag:yaml.org,2002:float", lambda loader, node: float(node.value.replace(".inf", "inf").replace(".nan", "nan")))


def parsed(text):
    return yaml.load(LIST_WITH_UNIT.sub(r"\1'\2'", text), Loader)  # It is a safe loader.


@functools.cache
def schema(kind):
    result = offcut("schema", kind)
    assert (result.returncode, result.stderr) == (0, ""), result.stderr
    return json.loads(result.stdout)


@functools.cache
def validator(kind):
    return jsonschema.Draft7Validator(schema(kind))


def kind_of(document):
    return "sweep" if isinstance(document, dict) and "base" in document else "scenario"


def errors(document, kind=None):
    """What the schema finds: none if the document is valid."""
    return [f"{'.'.join(map(str, error.absolute_path))}: {error.message[:200]}"
            for error in validator(kind or kind_of(document)).iter_errors(document)]
