#!/usr/bin/python3
"""Dependencies point one way: every #include is checked against the table below, which is the design's picture of the layers.

A file belongs to the row whose folder is the longest prefix of its path, and may include headers of its own row and of
the rows named there. A row may name only rows above it, so rows cannot form a cycle; cycles between files, and between
sibling folders of one row, are errors too. Tests and the examples in docs may include anything; nothing else includes a
test's header.
"""
import collections
import pathlib
import posixpath
import re
import tempfile
import unittest

from sources import ROOT, sources

MODELS = ("models/base", "models/graph", "models/ops", "models/onnx", "models/zoo", "models/exec", "models/cost", "models/codec",
          "models/files", "models/parallel", "models/dataset", "models/train",
          "models/compress")
ENGINE = ("sim/network", "sim/workload", "sim/scheduling", "sim/engine")
TIERS = ("sim/runtime", "sim/runtime/transport", "sim/runtime/service", "sim/runtime/node")
PLAN = ("partition", "partition/solvers", "partition/studies")

# folder: (folders that it may include, why it needs no more)
LAYERS = {
    "models/base": ((), "Units, errors, names and random numbers know nothing of the project."),
    "models/graph": (("models/base",), "A graph says what a network is, without computing anything."),
    "models/ops": (("models/base", "models/graph"), "Operators work on the tensors of a graph."),
    "models/onnx": (("models/base", "models/graph", "models/ops"), "Reading a file yields a graph of known operators."),
    "models/zoo": (("models/base", "models/graph", "models/ops"), "A built-in network is a graph, written in C++."),
    "models/exec": (("models/base", "models/graph", "models/ops"), "Running a graph does not depend on where it came from."),
    "models/cost": (("models/base", "models/graph", "models/exec"),
                    "The cost of a layer follows from its figures; the passes of exec find layers that are one kernel."),
    "models/codec": (("models/base", "models/graph", "models/ops"), "A codec sees tensors, not the networks they belong to."),
    "models/files": (("models/base", "models/graph", "models/onnx"), "Files hold tensors; ONNX's format is one of them."),
    "models/parallel": (("models/base", "models/graph", "models/ops"), "Parts of layers are graphs again."),
    "models/dataset": (("models/base", "models/graph", "models/files"), "Samples are tensors, whatever learns from them."),
    "models/train": (("models/base", "models/graph", "models/ops", "models/exec", "models/cost", "models/parallel",
                      "models/dataset"),
                     "Training runs the layers of a graph forward and back, on batches of samples, whole or in parts, at a cost."),
    "models/compress": (("models/base", "models/graph", "models/ops", "models/exec", "models/onnx", "models/codec", "models/dataset",
                         "models/train"), "A pass changes graphs and their weights, by what samples and training say."),
    "partition": (("models/base", "models/graph", "models/parallel"),
                  "Planning needs the graph and its costs as figures: neither their origin, nor kernels, nor a simulation."),
    "partition/solvers": (("models/base", "models/graph", "models/parallel", "partition"),
                          "Flows, cuts and chains that algorithms share work on a problem and know no algorithm."),
    "partition/studies": (("models/base", "models/graph", "models/parallel", "partition", "partition/solvers"),
                          "Studies ask algorithms by name."),
    "partition/algorithms": (("models/base", "models/graph", "models/parallel", "partition", "partition/solvers"),
                             "An algorithm is found through the registry: nobody includes one."),
    "partition/examples": (("models/base", "models/graph", *PLAN), "An example is a program of its own, on the planner alone."),
    "sim/network": (("models/base",), "Links and rates are independent of what crosses them."),
    "sim/workload": (("models/base", "models/graph"), "Arrivals are times, drawn or read from a table, whatever the requests are."),
    "sim/scheduling": (("models/base",), "Policies decide on what their own headers show them."),
    "sim/engine": (("models/base", "models/cost", "partition", "sim/network", "sim/workload", "sim/scheduling"),
                   "The engine runs plans on machines, links and radios, whose figures are costs; it has never seen a scenario file."),
    "sim/adapt": (("models/base",), "Estimators and policies decide on what their own headers show them."),
    "sim/training": ((*MODELS, *ENGINE), "Training hands its tasks to an engine, and knows devices by the times of their steps."),
    "sim/scenario": ((*MODELS, *PLAN, *ENGINE, "sim/adapt", "sim/training"), "A scenario is what a file says, in the terms of the layers below."),
    "sim/runtime": ((*MODELS, *PLAN), "The real split math needs models and plans, no simulated time."),
    "sim/runtime/transport": (("models/base", "models/graph"), "Messages carry tensors and times, whatever computes them."),
    "sim/runtime/service": (("models/base", "models/graph", "sim/runtime/transport"), "A service calls a model, whatever computes it."),
    "sim/runtime/node": ((*MODELS, "sim/network", "sim/workload", "sim/scheduling", "sim/adapt", "sim/runtime/transport", "sim/runtime/service"),
                         "A node runs parts under the simulation's policies, which need no engine; a scenario becomes its settings elsewhere."),
    "sim/experiment": ((*MODELS, *PLAN, *ENGINE, "sim/adapt", "sim/training", "sim/scenario", "sim/runtime"),
                       "An experiment is a scenario with its models prepared."),
    "analysis": ((*MODELS, *PLAN, *ENGINE, "sim/training", "sim/scenario", "sim/runtime", "sim/experiment"),
                 "Analysis observes runs and writes what they gave."),
    "sim/study": ((*MODELS, *PLAN, *ENGINE, "sim/training", "sim/scenario", *TIERS, "sim/experiment", "analysis"),
                  "A study is many runs."),
    "sim/cli": ((*MODELS, *PLAN, *ENGINE, "sim/training", "sim/scenario", *TIERS, "sim/experiment", "analysis", "sim/study"),
                "Commands put everything together; nothing includes them."),
}

# headers of a library: (the folders that may include them, why only those). Tests may as well.
LIBRARIES = {
    "simgrid/": (("sim/engine/",), "One folder adapts to SimGrid's versions, and all decisions run without it."),
    "xbt/": (("sim/engine/",), "As for SimGrid."),
    "smpi/": (("sim/engine/",), "As for SimGrid."),
    "yaml-cpp/": (("sim/scenario/yaml/",), "Sections read typed nodes with places and never see the parser's types."),
    "onnx/": (("models/onnx/",), "The rest of the project knows graphs, not protobuf messages."),
    "google/protobuf/": (("models/onnx/",), "As for ONNX."),
    "oneapi/": (("models/exec/onednn/", "models/train/onednn/"), "A build without oneDNN leaves out these folders."),
    "dnnl": (("models/exec/onednn/", "models/train/onednn/"), "As for oneapi/."),
    "coin/": (("partition/",), "The solver of integer programs serves planning."),
    "boost/asio": (("sim/runtime/",), "Sockets are behind interfaces; compiling their headers takes seconds."),
    "boost/beast": (("sim/runtime/",), "As for Asio."),
    "xxhash.h": (("sim/runtime/transport/",), "One file compiles its functions."),
    "CLI/": (("sim/cli/",), "Commands alone read arguments."),
}

# any include directive, however it is written; those that INCLUDE does not read are errors
DIRECTIVE = re.compile(r'^[ \t]*(?:/\*.*?\*/[ \t]*)*(?:#|%:)(?:[ \t]|\\\n|/\*.*?\*/)*include', re.MULTILINE)
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(["<])([^">]+)[">]', re.MULTILINE)


def row(path):
    """The folder of LAYERS that PATH belongs to, or None."""
    return max((folder for folder in LAYERS if path.startswith(folder + "/")), key=len, default=None)


def includes(root, files):
    """file: [(line, whether in quotes, header)] of FILES; a test may name a header beside it, or from its own folder on."""
    known, found = set(files), {}
    for file in files:
        text = pathlib.Path(root, file).read_text(encoding="utf-8")
        found[file] = []
        for match in INCLUDE.finditer(text):
            beside = posixpath.normpath(posixpath.join(posixpath.dirname(file), match[2]))
            header = beside if file.startswith("tests/") and match[1] == '"' and beside in known else match[2]
            found[file].append((text.count("\n", 0, match.start(2)) + 1, match[1] == '"', header))
    return found


def wrong_directions(root, files):
    """One line for each include that the tables above do not allow."""
    known, errors = set(files), []
    for file, lines in includes(root, files).items():
        test, own = file.startswith(("tests/", "docs/")), row(file)
        if not test and own is None:
            errors.append(f"{file}: no row of LAYERS is about this folder")
            continue
        text = pathlib.Path(root, file).read_text(encoding="utf-8")
        if len(DIRECTIVE.findall(text)) != len(lines):
            errors.append(f"{file}: an include that is not of the form #include \"header\" or #include <header>")
        for line, quoted, header in lines:
            place = f"{file}:{line}"
            for library, (folders, _) in LIBRARIES.items():
                if header.startswith(library) and not test and not file.startswith(folders):
                    errors.append(f"{place}: only {', '.join(folders)} may include <{header}>")
            if header not in known and (quoted or header.startswith((*(f"{folder}/" for folder in LAYERS), "./", "../"))):
                errors.append(f"{place}: no file of the project: \"{header}\" (paths begin at the top folder)")
            if test or header not in known:
                continue
            if header.startswith("tests/"):
                errors.append(f"{place}: includes a test's {header}")
            elif row(header) != own and row(header) not in LAYERS[own][0]:
                errors.append(f"{place}: {own} may not include {header} ({LAYERS[own][1]})")
    return errors


def cycles(edges):
    """The strongly connected sets of several nodes in EDGES {node: nodes}, each in the order of one walk around."""
    index, low, stack, on_stack, found = {}, {}, [], set(), []

    def visit(node):
        index[node] = low[node] = len(index)
        stack.append(node)
        on_stack.add(node)
        for other in sorted(edges.get(node, ())):
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in on_stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            members = set(stack[stack.index(node):])
            del stack[stack.index(node):]
            on_stack.difference_update(members)
            if len(members) > 1:
                found.append(walk(min(members), members, edges))

    for node in sorted(edges):
        if node not in index:
            visit(node)
    return found


def walk(start, members, edges):
    """A shortest way from START back to START inside MEMBERS."""
    ways = collections.deque([[start]])
    seen = set()
    while ways:
        way = ways.popleft()
        for other in sorted(edges.get(way[-1], set()) & members):
            if other == start:
                return [*way, start]
            if other not in seen:
                seen.add(other)
                ways.append([*way, other])
    return sorted(members)


def file_cycles(root, files):
    known = set(files)
    edges = {file: {header for _, _, header in lines if header in known and header != file}
             for file, lines in includes(root, files).items()}
    return [" -> ".join(cycle) for cycle in cycles(edges)]


def folder_cycles(root, files):
    """Cycles between folders, tests apart. A folder and its sub-folders belong together: the interface above, its
    implementations below."""
    known = {file for file in files if not file.startswith("tests/")}
    edges = collections.defaultdict(set)
    for file, lines in includes(root, sorted(known)).items():
        here = str(pathlib.PurePosixPath(file).parent)
        for _, _, header in lines:
            there = str(pathlib.PurePosixPath(header).parent)
            if header in known and not f"{there}/".startswith(f"{here}/") and not f"{here}/".startswith(f"{there}/"):
                edges[here].add(there)
    return [" -> ".join(cycle) for cycle in cycles(edges)]


class IncludeDirections(unittest.TestCase):
    maxDiff = None

    def planted(self, check, **texts):
        """What CHECK says of a tree of these texts: sim__engine__x_h="..." is sim/engine/x.h."""
        with tempfile.TemporaryDirectory(prefix="offcut-structure-") as folder:
            files = [name.replace("__", "/").replace("_", ".") for name in texts]
            for file, text in zip(files, texts.values()):
                pathlib.Path(folder, file).parent.mkdir(parents=True, exist_ok=True)
                pathlib.Path(folder, file).write_text(text, encoding="utf-8")
            return check(folder, files)

    def test_every_include_of_the_project(self):
        files = sources()
        self.assertGreater(len(files), 500, "the sources were not found")
        errors = wrong_directions(ROOT, files)
        self.assertFalse(errors, "\n".join(["includes against the layers:", *errors]))

    def test_unusual_forms_are_errors(self):
        for text in ('#include /* x */ "sim/engine/x.h"\n', '/**/ #include "sim/engine/x.h"\n', '#define H "sim/engine/x.h"\n#include H\n',
                     '%:include "sim/engine/x.h"\n', '#include_next <sim/engine/x.h>\n', '#include <./sim/engine/x.h>\n',
                     '#include <sim/engine/x.hpp>\n', '#include <models/base/../../sim/engine/x.h>\n', '#include <xbt/log.h>\n'):
            self.assertEqual(len(self.planted(wrong_directions, models__base__y_h=text, sim__engine__x_h="")), 1, text)

    def test_no_cycle_between_files(self):
        found = file_cycles(ROOT, sources())
        self.assertFalse(found, "\n".join(["cycles between files:", *found]))

    def test_no_cycle_between_folders(self):
        found = folder_cycles(ROOT, sources())
        self.assertFalse(found, "\n".join(["cycles between folders:", *found]))

    def test_the_table_points_one_way(self):
        seen = set()
        for folder, (below, sentence) in LAYERS.items():
            with self.subTest(folder):
                self.assertLessEqual(set(below), seen, "a row may use the rows above it only")
                self.assertTrue(sentence.endswith("."))
            seen.add(folder)

    def test_an_include_against_the_layers_is_found(self):
        errors = self.planted(wrong_directions, sim__engine__a_h="", models__base__a_h='#pragma once\n#include "sim/engine/a.h"\n')
        self.assertEqual(len(errors), 1)
        self.assertIn("models/base/a.h:2: models/base may not include sim/engine/a.h", errors[0])

    def test_an_include_of_the_layer_below_is_fine(self):
        self.assertEqual(self.planted(wrong_directions, models__base__a_h="", sim__engine__core__a_h='#include "models/base/a.h"\n',
                                      tests__sim__a_cpp='#include "sim/engine/core/a.h"\n#include <simgrid/s4u.hpp>\n#include "../b.h"\n', tests__b_h=""), [])

    def test_libraries_stay_in_their_folders(self):
        errors = self.planted(wrong_directions, sim__scenario__a_cpp="#include <yaml-cpp/yaml.h>\n", partition__b_h="#include <simgrid/s4u.hpp>\n",
                              sim__engine__links__c_cpp="#include <simgrid/s4u.hpp>\n", sim__scenario__yaml__d_cpp="#include <yaml-cpp/yaml.h>\n")
        self.assertEqual([error.split(": ")[0] for error in errors], ["sim/scenario/a.cpp:1", "partition/b.h:1"])

    def test_unknown_folders_tests_and_missing_files_are_found(self):
        errors = self.planted(wrong_directions, sim__new__a_h="", tests__b_h="", analysis__c_cpp='#include "tests/b.h"\n#include "c.h"\n')
        self.assertEqual([error.split(": ")[0] for error in errors], ["sim/new/a.h", "analysis/c.cpp:1", "analysis/c.cpp:2"])

    def test_cycles_are_found(self):
        tree = {"partition__a_h": '#include "partition/solvers/b.h"\n', "partition__solvers__b_h": '#include "partition/c.h"\n',
                "partition__c_h": '#include "partition/a.h"\n', "partition__d_h": '#include "partition/a.h"\n'}
        self.assertEqual(self.planted(file_cycles, **tree),
                         ["partition/a.h -> partition/solvers/b.h -> partition/c.h -> partition/a.h"])
        self.assertEqual(self.planted(folder_cycles, **tree), [])
        self.assertEqual(self.planted(folder_cycles, analysis__tables__a_h='#include "analysis/theory/a.h"\n', analysis__theory__a_h="",
                                      analysis__theory__b_h='#include "analysis/tables/b.h"\n', analysis__tables__b_h=""),
                         ["analysis/tables -> analysis/theory -> analysis/tables"])


if __name__ == "__main__":
    unittest.main()
