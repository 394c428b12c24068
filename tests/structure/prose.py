"""The comments and texts of C++ files, and the prose of Markdown pages, which the structure tests read."""
import bisect
import dataclasses
import re

# A number comes first: the quotes in 1'000'000 begin no character.
TOKEN = re.compile(r"""(?P<number>\b\d[\w'.]*)
                     | (?P<comment>//[^\n]*)
                     | (?P<block>/\*.*?\*/)
                     | (?P<raw>R"(?P<mark>[^\s()\\]*)\(.*?\)(?P=mark)")
                     | (?P<text>"(?:\\.|[^"\\\n])*")
                     | (?P<letter>'(?:\\.|[^'\\\n])*')""", re.VERBOSE | re.DOTALL)
SENTENCE = re.compile(r"[^.!?]*(?:[.!?](?!\s|$)[^.!?]*)*[.!?]?")


@dataclasses.dataclass
class Comment:
    """Comments on lines below each other, in one column, are one."""
    line: int
    text: str
    code: str  # of its first line, before it, and of the three lines below it


class Source:
    """A C++ file taken apart."""

    def __init__(self, text):
        starts = [0, *(match.end() for match in re.finditer("\n", text))]
        place = lambda offset: ((line := bisect.bisect_right(starts, offset)), offset - starts[line - 1])
        found, self.texts, code = [], [], list(text)
        for match in TOKEN.finditer(text):
            line, column = place(match.start())
            if match["comment"]:
                found.append((line, column, match["comment"]))
            if match["text"] or match["raw"]:
                self.texts.append((line, match[0].strip('R"()')))
            if not match["number"]:
                code[match.start():match.end()] = [letter if letter == "\n" else " " for letter in match[0]]
        self.code = "".join(code).splitlines()
        self.comments = []
        previous = None
        for line, column, comment in found:
            marker, words = re.fullmatch(r"(///?<?)\s*(.*?)\s*", comment).groups()
            alone = not self.code[line - 1].strip()
            if alone and previous == (line - 1, column, marker):
                self.comments[-1].text += " " + words
                below = line
            else:
                self.comments.append(Comment(line, words, self.code[line - 1]))
                below = line
            self.comments[-1].code = "\n".join([self.code[self.comments[-1].line - 1], *self.code[below:below + 3]])
            previous = (line, column, marker)


def sentences(text):
    """The sentences of a text, by the marks that end them."""
    return [sentence.strip() for sentence in SENTENCE.findall(text) if sentence.strip()]


def prose_lines(page):
    """Pairs of a number and a line of a page: all but code blocks, tables and HTML comments."""
    found, fenced, indented, previous = [], False, False, ""
    for number, line in enumerate(page.splitlines(), 1):
        indented = line.startswith("    ") and (indented or not previous.strip())
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif not fenced and not indented and not line.lstrip().startswith(("|", "<!--")):
            found.append((number, line))
        previous = line
    return found
