#!/usr/bin/python3
"""Every type, concept, function and header constant with external linkage is defined in one file of the whole project.

Two definitions of one qualified name break the one-definition rule: the linker silently keeps one of two inline
functions, and code compiled for the other type crashes. Whether a program links both files today makes no difference here.
definitions.py lists the definitions. Names in unnamed namespaces, overloads, specialisations and forward declarations do not
clash; a using-declaration in a header clashes with a definition of the name that it brings in, and with another one.
"""
import collections
import pathlib
import re
import tempfile
import unittest

from definitions import definitions, unreadable
from sources import ROOT, sources

# Files that stand in for each other: a build compiles one side of a pair only.
ALTERNATIVES = [("models/exec/onednn/", ("models/exec/gemm.cpp", "models/exec/make_lowering.cpp")),
                ("models/train/onednn/", ("models/train/no_fast_kernels.cpp",))]


# Units, errors, names, tensors and the layer graph: the vocabulary of all the other folders is in offcut itself.
VOCABULARY = ("models/base/", "models/graph/")


def namespace_of(file):
    """The namespace of FILE's folder: sub-folders have that of the folder above."""
    folders = file.split("/")
    if file.startswith(VOCABULARY):
        return "offcut"
    return "offcut::" + folders[folders[0] in ("models", "sim")]


def alternatives(one, other):
    """Whether no build compiles both files."""
    return any((one.startswith(folder) and other in files) or (other.startswith(folder) and one in files)
               for folder, files in ALTERNATIVES)


def clashes(root, files):
    """One line for each name with definitions in several of FILES, with their places."""
    places, targets = collections.defaultdict(dict), collections.defaultdict(set)
    for found in definitions(root, files):
        places[found.name].setdefault(found.file, found.line)
        targets[found.name].add(found.target)
    errors = []
    for name, by_file in sorted(places.items()):
        is_one = targets[name] != {None} and len(targets[name]) == 1  # using-declarations of one name alone
        if not is_one and any(not alternatives(one, other) for one in by_file for other in by_file if one < other):
            errors.append(f"{name}: " + ", ".join(f"{file}:{line}" for file, line in sorted(by_file.items())))
    return errors


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

    def test_every_namespace_can_be_read(self):
        self.assertEqual(unreadable(ROOT, sources()), [])
        with tempfile.TemporaryDirectory(prefix="offcut-structure-") as folder:
            pathlib.Path(folder, "a.h").write_text("namespace offcut::inline v1 {}\n", encoding="utf-8")
            pathlib.Path(folder, "b.h").write_text("// namespace offcut::inline v1 {}\ninline namespace v1 {}\n", encoding="utf-8")
            self.assertEqual([error.split(":")[0] for error in unreadable(folder, ["a.h", "b.h"])], ["a.h"])

    def test_every_folder_has_its_namespace(self):
        for file in sources():
            opened = re.findall(r"^namespace (offcut[\w:]*) \{", pathlib.Path(ROOT, file).read_text(encoding="utf-8"), re.M)
            if opened and not file.startswith(("tests/", "docs/")):  # these are in the namespace of the code that they show
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
            ["offcut::half(const Graph&, int)"])

    def clash(self, first, second):
        """Whether functions of these parameters clash, in a header and in a source file."""
        header = f"#include <cstddef>\nnamespace offcut::engine {{\nstruct Tier;\nusing Plan = std::vector<std::size_t>;\ninline int f({first}) {{ return 1; }}\n}}"
        return self.clashes_of(a_h=header, b_cpp=f"namespace offcut::engine {{\nint f({second}) {{ return 2; }}\n}}") != []

    def test_one_type_in_two_spellings_clashes(self):
        for first, second in [("size_t a", "std::size_t n"), ("std::int64_t", "int64_t a"), ("unsigned a", "unsigned int b"), ("long int a", "long"),
                              ("const Tier& a", "Tier const& b"), ("const Tier& a", "const engine::Tier& b"), ("Tier* a", "offcut::engine::Tier* b"),
                              ("Tier a", "::offcut::engine::Tier b"), ("struct Tier* a", "Tier* a"), ("int a", "const int a"), ("int a[3]", "int* a"),
                              ("Tier* const a", "Tier* a"), ("const Plan& a", "const std::vector<std::size_t>& b"), ("Plan a", "std::vector<size_t> b"),
                              ("std::map<int, Tier> a", "std::map<int,engine::Tier> b"), ("int (*a)(int)", "int (*b)(int)"), ("int a = g(1, 2)", "int a"),
                              ("std::string_view a", "std::string_view"), ("unsigned long long a", "unsigned long long")]:
            with self.subTest(f"{first}; {second}"):
                self.assertTrue(self.clash(first, second))

    def test_two_types_do_not_clash(self):
        for first, second in [("int a", "unsigned a"), ("int a", "long a"), ("const Tier& a", "Tier& a"), ("Tier* a", "const Tier* a"), ("Tier a", "Tier& a"),
                              ("exec::Tier a", "Tier a"), ("std::size_t a", "int a"), ("Plan a", "std::vector<int> a"), ("int* a", "int a"),
                              ("std::string a", "std::string_view a"), ("int (*a)(int)", "int (*a)(long)"), ("int a", "int a, int b")]:
            with self.subTest(f"{first}; {second}"):
                self.assertFalse(self.clash(first, second))

    def test_templates_clash_whatever_their_parameters_are_called(self):
        for first, second, expected in [("template <class T>\nint f(const T& a) { return 1; }", "template <typename U>\nint f(const U& b) { return 2; }", True),
                                        ("template <class T>\nint f(const T& a) { return 1; }", "template <class U>\nint f(U b) { return 2; }", False)]:
            self.assertEqual(self.clashes_of(a_h=f"namespace offcut {{\n{first}\n}}", b_h=f"namespace offcut {{\n{second}\n}}") != [], expected)

    def test_members_that_are_defined_twice_clash(self):
        self.assertEqual(self.clashes_of(a_cpp="namespace offcut {\nint Row::size() const { return 1; }\nint Row::size() { return 1; }\n}",
                                         b_cpp="namespace offcut {\nint Row::size() const { return 2; }\nint Column::size() { return 1; }\n}"),
                         ["offcut::Row::size() const"])

    def test_names_in_inline_namespaces_clash(self):
        inline = "namespace offcut {\ninline namespace v1 {\nstruct Row {};\nint f(Row a) { return 1; }\n}\n}"
        self.assertEqual(self.clashes_of(a_h=inline, b_h="namespace offcut {\nclass Row {};\nint f(Row a) { return 2; }\n}"), ["offcut::Row", "offcut::f(Row)"])
        self.assertEqual(self.clashes_of(a_h=inline.replace("inline ", ""), b_h="namespace offcut {\nclass Row {};\n}"), [])

    def test_using_declarations_clash(self):
        using = "namespace offcut {{\nusing {}::Row;\n}}"
        self.assertEqual(self.clashes_of(a_h=using.format("exec"), b_h="namespace offcut {\nstruct Row {};\n}"), ["offcut::Row"])
        self.assertEqual(self.clashes_of(a_h=using.format("exec"), b_h=using.format("onnx")), ["offcut::Row"])
        self.assertEqual(self.clashes_of(a_h=using.format("exec"), b_h=using.format("exec")), [])
        self.assertEqual(self.clashes_of(a_cpp=using.format("exec"), b_cpp=using.format("onnx")), [])

    def test_concepts_clash(self):
        concept = "namespace offcut {{\ntemplate <class T>\nconcept {} = sizeof(T) < {};\n}}"
        self.assertEqual(self.clashes_of(a_h=concept.format("Small", 4), b_h=concept.format("Small", 8)), ["offcut::Small"])
        self.assertEqual(self.clashes_of(a_h=concept.format("Small", 4), b_h="namespace offcut {\nstruct Small {};\n}"), ["offcut::Small"])
        self.assertEqual(self.clashes_of(a_h=concept.format("Small", 4), b_h=concept.format("Large", 8)), [])
        self.assertEqual(self.clashes_of(a_cpp=f"namespace {{\n{concept.format('Small', 4)}\n}}", b_h=concept.format("Small", 8)), [])

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
