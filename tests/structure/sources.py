"""The C++ files and the pages of the project, which the structure tests read."""
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDERS = ("models", "partition", "sim", "analysis", "tests", "docs")


def sources(root=ROOT):
    """Every header and source file under ROOT, as paths relative to it, sorted."""
    return sorted(str(file.relative_to(root)) for folder in FOLDERS for file in (root / folder).rglob("*")
                  if file.suffix in (".h", ".cpp"))


def pages(root=ROOT):
    """Every Markdown page of the project, as paths relative to ROOT, sorted."""
    return sorted(str(file.relative_to(root)) for folder in (".", *FOLDERS)
                  for file in ((root / folder).glob("*.md") if folder == "." else (root / folder).rglob("*.md")))
