"""What of a guide is to be followed: its commands, and what they print.

A page is Markdown. A fenced block `sh` is what somebody types; its first line
is a comment that says where: `# PLACE`. A fenced block `text` after it is what
is printed then. There is no other kind of fenced block. The marks `<LIKE-THIS>`
stand for what everybody replaces by their own; a table whose rows begin
`| \`<MARK>\` | \`value\` |` says what the examples have there, all others are
taken from what was printed before. In what is printed, `<like this>` is
whatever stands there, and a line `…` any number of lines.
"""
import os
import re

FENCE = re.compile(r"^ *```(\w*)\s*$")
ROW = re.compile(r"^\| `<([A-Z0-9-]+)>` \| `([^`]+)` \|")
ANY_LINK = re.compile(r"\]\(([^)#:]*)(?:#([^)]+))?\)")
LINK = re.compile(r"\]\((administration/[a-z-]+\.md)\)")
MARK = re.compile(r"<([A-Z][A-Z0-9-]*)>")
OPEN = re.compile(r"<([A-Z][A-Z0-9-]*|[a-z][a-z ]*)>|…")
SHAPES = {"number": r"[0-9][0-9.,]*", "hex": r"[0-9a-f]+",
          "date": r"\d{4}-\d\d-\d\d", "time": r"\d\d:\d\d(?::\d\d)?",
          "code": r"[0-9A-Z]{4}-[0-9A-Z]{4}"}


class Wrong(Exception):
    """The guide and what happens are not the same, at a line of the guide."""


class Block:
    def __init__(self, page, line, place, command):
        self.page, self.line = page, line
        self.place, self.command = place, command
        self.output, self.output_line = None, None

    def where(self, row=None):
        return f"{self.page}:{self.line if row is None else row}"


class Guide:
    """The pages in the order in which the first one names them."""

    def __init__(self, root, first):
        self.root, self.blocks, self.values = root, [], {}
        self.pages = [first]
        text = self.read(first)
        folder = first.rsplit("/", 1)[0]
        for name in LINK.findall(text):
            if f"{folder}/{name}" not in self.pages:
                self.pages.append(f"{folder}/{name}")
                self.read(self.pages[-1])

        for page in self.pages:
            self.check_links(page)

    def check_links(self, page):
        """Every place that a page leads to is there, headings too."""
        with open(f"{self.root}/{page}", encoding="utf-8") as f:
            rows = f.read().splitlines()
        for number, row in enumerate(rows, 1):
            for path, heading in ANY_LINK.findall(row):
                there = os.path.normpath(os.path.join(
                    self.root, os.path.dirname(page), path)
                    if path else f"{self.root}/{page}")
                if not os.path.exists(there) or (
                        heading and heading not in headings(there)):
                    raise Wrong(f"{page}:{number}: this leads nowhere: "
                                f"{path}#{heading}")

    def read(self, page):
        with open(f"{self.root}/{page}", encoding="utf-8") as f:
            text = f.read()
        fence, begun, rows = None, 0, []
        for number, row in enumerate(text.splitlines(), 1):
            found = FENCE.match(row)
            if fence is not None and found and not found[1]:
                self.add(page, fence, begun, rows)
                fence = None
            elif fence is not None:
                rows.append(row)
            elif found:
                fence, begun, rows = found[1], number, []
            elif ROW.match(row):
                self.values[ROW.match(row)[1]] = ROW.match(row)[2]
        if fence is not None:
            raise Wrong(f"{page}:{begun}: this block does not end")
        return text

    def add(self, page, fence, begun, rows):
        where = f"{page}:{begun}"
        if fence == "sh":
            if not rows or not rows[0].startswith("# "):
                raise Wrong(f"{where}: the block does not say where")
            self.blocks.append(Block(page, begun, rows[0][2:],
                                     "\n".join(rows[1:]) + "\n"))
        elif fence == "text":
            last = self.blocks[-1] if self.blocks else None
            if last is None or last.page != page or last.output is not None:
                raise Wrong(f"{where}: no command prints this")
            last.output, last.output_line = rows, begun
        else:
            raise Wrong(f"{where}: a block is sh or text, not '{fence}'")


def headings(path):
    """The names of a page's headings, as links have them."""
    with open(path, encoding="utf-8") as f:
        return {re.sub(r"[^\w -]", "", row.lstrip("#").strip().lower())
                .replace(" ", "-")
                for row in f if row.startswith("#")}


def fill(text, values, where):
    """The text with every mark replaced; one that is not known is a fault."""
    def value(found):
        if found[1] not in values:
            raise Wrong(f"{where}: nothing said before what <{found[1]}> is")
        return values[found[1]]
    return MARK.sub(value, text)


def squeeze(row):
    """Columns are as wide as what stands in them: blanks do not count."""
    return re.sub(r"[ \t]+", " ", row).strip()


def pattern(row, values):
    """A regular expression for one printed row, and the marks it finds."""
    said, end, new = "", 0, []
    row = squeeze(row)
    for found in OPEN.finditer(row):
        said += re.escape(row[end:found.start()])
        end, name = found.end(), found[1]
        if name in values:
            said += re.escape(squeeze(values[name]))
        elif name in new:
            said += f"(?P<m{new.index(name)}>)"
        elif name and name.isupper():
            said += rf"(?P<m{len(new)}>\S+)"
            new.append(name)
        else:
            said += SHAPES.get(name, ".+?" if name else ".*?")
    return re.compile(said + re.escape(row[end:])), new


def compare(block, printed, values):
    """Takes what is printed against the guide; learns the new marks."""
    got = [squeeze(row) for row in printed.splitlines()]
    at, skip = 0, False
    for offset, row in enumerate(block.output, 1):
        where = block.where(block.output_line + offset)
        if row.strip() == "…":
            skip = True
            continue
        at = find(row, got, at, skip, values, where) + 1
        skip = False
    if at < len(got) and not skip:
        raise Wrong(f"{block.where(block.output_line)}: the guide ends where "
                    f"this is printed:\n  {got[at]}")


def find(row, got, at, skip, values, where):
    wanted, new = pattern(row, values)
    for i in range(at, len(got) if skip else min(at + 1, len(got))):
        found = wanted.fullmatch(got[i])
        if found:
            for n, name in enumerate(new):
                values[name] = found[f"m{n}"]
            return i
    rest = "\n  ".join(got[at:]) or "(nothing)"
    raise Wrong(f"{where}: the guide says\n  {row.strip()}\nbut printed is"
                f"{' somewhere in' if skip else ''}\n  {rest}")
