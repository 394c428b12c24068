#!/usr/bin/python3
"""Every type, function and header constant with external linkage is defined in one file of the whole project.

Two definitions of one qualified name break the one-definition rule: the linker silently keeps one of two inline
functions, and code compiled for the other type crashes. A program that links both files today or next year makes no
difference here. Universal Ctags lists the definitions. Names in unnamed namespaces, overloads, specialisations and forward
declarations do not clash.
"""
import collections
import json
import pathlib
import re
import subprocess
import tempfile
import unittest

from sources import ROOT, sources

TYPES = {"class", "struct", "union", "enum", "typedef"}  # Ctags calls an alias a typedef

# Files that stand in for each other: a build compiles one side of a pair only.
ALTERNATIVES = [("models/exec/onednn/", ("models/exec/gemm.cpp", "models/exec/make_lowering.cpp"))]


# Units, errors, names, tensors and the layer graph: the words that all the rest is written in stand in offcut itself.
VOCABULARY = ("models/base/", "models/graph/")


def namespace_of(file):
    """The namespace of FILE's folder: sub-folders stand in that of the folder above."""
    folders = file.split("/")
    if file.startswith(VOCABULARY):
        return "offcut"
    return "offcut::" + folders[folders[0] in ("models", "sim")]


def ctags(root, files):
    """The definitions of FILES, one dictionary for each."""
    listing = subprocess.run(
        ["ctags-universal", "--output-format=json", "--language-force=C++", "--kinds-C++=cfgnstuv",
         "--fields=*", "--fields-C++=*", "-L", "-", "-f", "-"],
        cwd=root, input="\n".join(files), capture_output=True, text=True, check=True).stdout
    return [tag for tag in map(json.loads, listing.splitlines()) if tag["_type"] == "tag"]


def split(text):
    """TEXT cut at the commas that stand in no bracket."""
    parts, depth = [""], 0
    for letter in text:
        depth += (letter in "(<[{") - (letter in ")>]}")
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts if part.strip()]


def parameter_types(signature):
    """The types of a signature's parameters, without their names and defaults."""
    inside = signature[signature.find("(") + 1:signature.rfind(")")]
    types = []
    for parameter in split(inside):
        parameter = re.sub(r"\s*=.*", "", parameter)
        named = re.fullmatch(r"(.*[\w>&*\]]\s*[\s&*>])(\w+)", parameter)
        alone = re.fullmatch(r"(const |unsigned |struct |class )*[\w:]+", parameter)
        types.append(re.sub(r"\s+", "", named[1] if named and not alone else parameter))
    return ", ".join(types)


def definition(tag):
    """The name under which TAG could clash with a definition elsewhere, or None if it cannot clash."""
    scope, kind, properties = tag.get("scope", ""), tag["kind"], tag.get("properties", "").split(",")
    if "__anon" in scope or "__anon" in tag["name"] or tag.get("scopeKind", "namespace") != "namespace":
        return None
    if not tag.get("line") or kind not in TYPES and re.fullmatch(r"[A-Z][A-Z0-9_]*", tag["name"]):
        return None  # a macro's call looks like a function: TEST_CASE("...") {
    name = f"{scope}::{tag['name']}" if scope else tag["name"]
    name += tag.get("specialization", "")
    if kind in TYPES:
        return name
    if kind == "function" and "static" not in properties and tag["name"] != "main":
        return f"{name}({parameter_types(tag.get('signature', ''))})"
    if kind == "variable" and tag["path"].endswith(".h"):  # in a source file, constants are its own
        return name
    return None


def alternatives(one, other):
    """Whether no build compiles both files."""
    return any((one.startswith(folder) and other in files) or (other.startswith(folder) and one in files)
               for folder, files in ALTERNATIVES)


def clashes(root, files):
    """One line for each name with definitions in several of FILES, with their places."""
    places = collections.defaultdict(dict)
    for tag in ctags(root, files):
        if name := definition(tag):
            places[name].setdefault(tag["path"], tag["line"])
    found = []
    for name, by_file in sorted(places.items()):
        if any(not alternatives(one, other) for one in by_file for other in by_file if one < other):
            found.append(f"{name}: " + ", ".join(f"{file}:{line}" for file, line in sorted(by_file.items())))
    return found


class OneDefinition(unittest.TestCase):
    maxDiff = None

    def clashes_of(self, **texts):
        """The names that clash in files of these texts: x_h="..." is x.h."""
        with tempfile.TemporaryDirectory(prefix="offcut-structure-") as folder:
            for name, text in texts.items():
                pathlib.Path(folder, name.replace("_", ".")).write_text(text, encoding="utf-8")
            return [clash.split(": ")[0] for clash in clashes(folder, [name.replace("_", ".") for name in texts])]

    def test_every_name_of_the_project(self):
        files = sources()
        self.assertGreater(len(files), 500, "the sources were not found")
        found = clashes(ROOT, files)
        self.assertFalse(found, "\n".join(["names with several definitions:", *found]))

    def test_every_folder_has_its_namespace(self):
        for file in sources():
            opened = re.findall(r"^namespace (offcut[\w:]*) \{", pathlib.Path(ROOT, file).read_text(encoding="utf-8"), re.M)
            if opened and not file.startswith("tests/"):  # tests stand in the namespace of what they test
                with self.subTest(file):
                    self.assertIn(namespace_of(file), opened)

    def test_two_types_of_one_name_clash(self):
        self.assertEqual(self.clashes_of(
            a_h="namespace offcut {\nstruct Constant {\n  int value;\n};\n}",
            b_h="namespace offcut {\nclass Constant {\n  double number;\n};\n}"), ["offcut::Constant"])

    def test_every_kind_of_type_clashes(self):
        for first, second in [("enum class Kind { one };", "enum class Kind { two };"), ("using Kind = int;", "struct Kind {};"),
                              ("union Kind { int a; };", "union Kind { int b; };"),
                              ("template <typename T>\nstruct Kind {};", "template <typename T>\nclass Kind {};")]:
            with self.subTest(first):
                self.assertEqual(self.clashes_of(a_h=f"namespace offcut::exec {{\n{first}\n}}",
                                                 b_cpp=f"namespace offcut::exec {{\n{second}\n}}"), ["offcut::exec::Kind"])

    def test_types_in_capitals_clash(self):
        self.assertEqual(self.clashes_of(a_h="namespace offcut {\nstruct IO {\n  int a;\n};\n}",
                                         b_h="namespace offcut {\nstruct IO {\n  double b;\n};\n}"), ["offcut::IO"])

    def test_functions_clash_with_equal_parameters_only(self):
        self.assertEqual(self.clashes_of(
            a_cpp="namespace offcut {\nint half(const Graph& graph, int) { return 1; }\nint other(int a) { return a; }\n}",
            b_cpp="namespace offcut {\nint half(const Graph& other, int n = 2) { return n; }\nint other(double b) { return 1; }\n}"),
            ["offcut::half(constGraph&, int)"])

    def test_header_constants_clash(self):
        self.assertEqual(self.clashes_of(a_h="namespace offcut {\ninline constexpr int kMost = 1;\n}",
                                         b_h="namespace offcut {\ninline constexpr int kMost = 2;\n}"), ["offcut::kMost"])

    def test_what_does_not_clash(self):
        for why, first, second in [
                ("an unnamed namespace", "namespace { struct Row {}; int f() { return 1; } }", "struct Row {}; int f() { return 1; }"),
                ("another namespace", "namespace exec { struct Row {}; }", "namespace onnx { struct Row {}; }"),
                ("a forward declaration", "struct Row;", "struct Row {};"),
                ("a declaration", "int f(int);", "int f(int a) { return a; }"),
                ("a specialisation", "template <> struct Row<int> {};", "template <> struct Row<double> {};"),
                ("types of two types", "struct A { struct Row {}; };", "struct B { struct Row {}; };"),
                ("file-local functions", "static int f() { return 1; }", "static int f() { return 2; }"),
                ("test cases", 'TEST_CASE("a") {\n  CHECK(true);\n}', 'TEST_CASE("a") {\n  CHECK(false);\n}')]:
            with self.subTest(why):
                self.assertEqual(self.clashes_of(a_cpp=f"namespace offcut {{\n{first}\n}}",
                                                 b_cpp=f"namespace offcut {{\n{second}\n}}"), [])


if __name__ == "__main__":
    unittest.main()
