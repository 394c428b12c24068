"""The C++ files of the project, which the structure tests read."""
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDERS = ("models", "partition", "sim", "analysis", "tests")


def sources(root=ROOT):
    """Every header and source file under ROOT, as paths relative to it, sorted."""
    return sorted(str(file.relative_to(root)) for folder in FOLDERS for file in (root / folder).rglob("*")
                  if file.suffix in (".h", ".cpp"))
