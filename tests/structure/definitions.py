"""The definitions of C++ files, as Universal Ctags lists them, under names that can be compared between files.

Ctags knows no concepts, and cannot read `namespace a::inline b`: concepts are found by a pattern, and the other form is
reported as unreadable.
"""
import collections
import json
import pathlib
import re
import subprocess

from prose import Source

TYPES = {"class", "struct", "union", "enum", "typedef"}  # Ctags calls an alias a typedef
CLASSES = {"class", "struct", "union"}

# Names of the C library that exist with `std::` and without it.
C_TYPES = re.compile(r"\bstd::((?:size|ptrdiff|nullptr|max_align|time|clock|div)_t|u?int(?:_fast|_least)?(?:8|16|32|64|max|ptr)_t|FILE|tm)\b")

Definition = collections.namedtuple("Definition", "name file line target")  # target: of a using-declaration, else None


def ctags(root, files):
    """The tags of FILES, one dictionary for each."""
    listing = subprocess.run(
        ["ctags-universal", "--output-format=json", "--language-force=C++", "--kinds-C++=cfgnstuvN",
         "--fields=*", "--fields-C++=*", "-L", "-", "-f", "-"],
        cwd=root, input="\n".join(files), capture_output=True, text=True, check=True).stdout
    return [tag for tag in map(json.loads, listing.splitlines()) if tag["_type"] == "tag" and tag.get("line")]


def qualified(tag):
    return f"{tag['scope']}::{tag['name']}" if tag.get("scope") else tag["name"]


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


def without_name(parameter):
    """A parameter's type: its name and default are cut off."""
    parameter = re.sub(r"\s*=.*", "", parameter)
    pointer = re.search(r"\(\s*[*&]+\s*(\w*)\s*\)", parameter)
    if pointer:  # int (* f)(int)
        return parameter[:pointer.start(1)] + parameter[pointer.end(1):]
    parameter, arrays = re.subn(r"\s*\[[^\]]*\]$", "", parameter)
    named = re.fullmatch(r"(.*[\w>&*\].]\s*[\s&*>.])(\w+)", parameter)
    alone = re.fullmatch(r"((const|unsigned|signed|long|short|struct|class|enum|typename) )*[\w:]+", parameter)
    is_type = alone and re.search(r"\b(const|unsigned|signed|long|short|int|char|double)$|^[\w:]+$|\b(const|struct|class|enum|typename) [\w:]+$",
                                  parameter)
    return (named[1] if named and not is_type else parameter) + " *" * arrays


class Names:
    """The spelling of types, in one form for all that mean the same."""

    def __init__(self, tags):
        self.inline = {qualified(tag) for tag in tags if tag["kind"] == "namespace" and "inline" in tag.get("properties", "")}
        self.aliases = {}
        for tag in tags:
            target = tag.get("typeref", "").removeprefix("typename:")
            if tag["kind"] == "typedef" and tag.get("scopeKind", "namespace") == "namespace" and target and not tag.get("template"):
                file = None if tag["path"].endswith(".h") and "__anon" not in tag.get("scope", "") else tag["path"]
                scope = re.sub(r"::__anon\w+|^__anon\w+(::)?", "", tag.get("scope", ""))
                self.aliases[file, f"{scope}::{tag['name']}" if scope else tag["name"]] = target

    def outside_of_inline(self, scope):
        """SCOPE without its inline namespaces: their names are also names of the namespace around them."""
        parts = scope.split("::")
        return "::".join(part for i, part in enumerate(parts) if "::".join(parts[:i + 1]) not in self.inline)

    def resolved(self, name, scope, file, depth=0):
        """What NAME, written in SCOPE, is an alias of; NAME itself if it is none."""
        parts = scope.split("::") if scope else []
        for end in range(len(parts), -1, -1):
            full = "::".join([*parts[:end], name])
            for place in (file, None):
                target = self.aliases.get((place, full))
                if target is not None and depth < 10:
                    return self.canonical(target, "::".join(parts[:end]), file, depth + 1)
        return name

    def canonical(self, text, scope, file, depth=0):
        """A type in one spelling: no elaborations, no qualification that its scope implies, no aliases."""
        text = re.sub(r"\b(struct|class|enum|union|typename)\s+", "", text)
        text = C_TYPES.sub(r"\1", text)
        text = re.sub(r"(?<![\w>])::(?=\w)", "", text)
        parts = scope.split("::") if scope else []
        for end in range(len(parts), 0, -1):  # offcut::engine::Tier and engine::Tier are Tier in offcut::engine
            for begin in range(end):
                text = re.sub(rf"(?<![\w:]){re.escape('::'.join(parts[begin:end]))}::(?=\w)", "", text)
        text = re.sub(r"(?<![\w:])[A-Za-z_]\w*(?:::\w+)*", lambda name: self.resolved(name[0], scope, file, depth), text)
        text = re.sub(r"\b(?:unsigned|signed|long|short|int)(?:\s+(?:unsigned|signed|long|short|int))*\b", _integer, text)
        text = re.sub(r"^\s*([\w:]+(?:<.*>)?)\s+const\b(?=\s*[&*])", r"const \1", text)
        text = re.sub(r"\s+", " ", text).strip()
        return re.sub(r" ?([^\w ]) ?", r"\1", text)

    def parameters(self, tag, scope):
        """The parameter types of a function's tag, in one spelling."""
        signature = tag.get("signature", "")
        end = signature.rfind(")")
        types = []
        for parameter in split(signature[signature.find("(") + 1:end]):
            kind = self.canonical(without_name(parameter), scope, tag["path"])
            if not re.search(r"[&*]", kind):  # of a value, const says nothing to the caller
                kind = re.sub(r"\bconst\b ?", "", kind).strip()
            elif kind.endswith("*const"):
                kind = kind.removesuffix("const")
            types.append(kind)
        text = f"({', '.join(types)}){signature[end + 1:].rstrip()}"
        for number, parameter in enumerate(split(tag.get("template", "")[1:-1])):
            name = re.sub(r"\s*=.*", "", parameter).split()[-1].lstrip(".")
            text = re.sub(rf"\b{re.escape(name)}\b", f"T{number + 1}", text)
        return text


def _integer(words):
    """`unsigned long int` and its like in one spelling."""
    names = words[0].split()
    sign = ["unsigned"] if "unsigned" in names else []
    size = [name for name in names if name in ("long", "short")]
    return " ".join([*sign, *size]) or "int"


def name_of(tag, names):
    """The name under which TAG could clash with a definition elsewhere, or None if it cannot clash."""
    scope, kind, properties = tag.get("scope", ""), tag["kind"], tag.get("properties", "").split(",")
    within = tag.get("scopeKind", "namespace")
    if "__anon" in scope or "__anon" in tag["name"] or within != "namespace" and not (within in CLASSES and kind == "function"):
        return None
    if kind not in TYPES and re.fullmatch(r"[A-Z][A-Z0-9_]*", tag["name"]):
        return None  # a macro's call looks like a function: TEST_CASE("...") {
    scope = names.outside_of_inline(scope)
    name = f"{scope}::{tag['name']}" if scope else tag["name"]
    name += tag.get("specialization", "")
    if kind in TYPES:
        return name
    if kind == "function" and (within != "namespace" or "static" not in properties) and tag["name"] != "main":
        return name + names.parameters(tag, scope)
    if kind in ("variable", "name") and tag["path"].endswith(".h"):  # in a source file, they are its own
        return name
    return None


def concepts(root, file, spaces):
    """The concepts of a file; SPACES are the tags of its namespaces."""
    found = []
    for number, line in enumerate(Source(pathlib.Path(root, file).read_text(encoding="utf-8")).code, 1):
        for match in re.finditer(r"\bconcept\s+(\w+)\s*=", line):
            around = [qualified(space) for space in spaces if space["line"] <= number <= space["end"]]
            found.append((max(around, key=len, default=""), match[1], number))
    return found


def unreadable(root, files):
    """One line for each namespace of a form that Ctags cannot read."""
    return [f"{file}: write 'inline namespace' by itself: Ctags cannot read 'namespace a::inline b'" for file in files
            if re.search(r"\bnamespace\s+[\w:]+::\s*inline\b", "\n".join(Source(pathlib.Path(root, file).read_text(encoding="utf-8")).code))]


def definitions(root, files):
    """All definitions of FILES that could clash with one in another file."""
    tags = ctags(root, files)
    names = Names(tags)
    found, spaces = [], collections.defaultdict(list)
    for tag in tags:
        if tag["kind"] == "namespace":
            spaces[tag["path"]].append(tag)
        elif name := name_of(tag, names):
            target = None
            if tag["kind"] == "name":
                target = re.search(rf"([\w:]*)\b{tag['name']}\s*[,;]", tag.get("pattern", ""))
                target = target[0].rstrip(",; ") if target else tag["name"]
            found.append(Definition(name, tag["path"], tag["line"], target))
    for file in files:
        for scope, name, line in concepts(root, file, spaces[file]):
            if "__anon" not in scope:
                scope = names.outside_of_inline(scope)
                found.append(Definition(f"{scope}::{name}" if scope else name, file, line, None))
    return found
