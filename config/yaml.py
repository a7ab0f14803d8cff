"""YAML as located text: every scalar stays the text that was written, and every value knows its place.

Plain YAML 1.1 turns `00123` into 83, `16:00` into 960 and `NO` into false. Here the schema gives the
types, not the reader. What is refused: duplicate keys, tags, merge keys, several documents, tabs as
indent, deep or exploding nesting. Sizes are capped, so that a hostile file costs neither time nor memory.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import yaml as pyyaml

from config.errors import ConfigError, Problem, shown
from config.text import decode, read_bytes

MAX_BYTES = 1 << 20
MAX_NODES = 100_000
MAX_DEPTH = 32
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_PLAIN_TAGS = frozenset(
    {"tag:yaml.org,2002:str", "tag:yaml.org,2002:seq", "tag:yaml.org,2002:map", "!", None}
)


@dataclass(frozen=True, slots=True)
class Located:
    """A value of a file: `line` and `column` from 1, `path` such as `accounts.main.mode` or `holds[0]`."""

    file: str
    line: int
    column: int
    path: str

    def find(self, *steps: str | int) -> "Located":
        """The value at the end of the steps, or the deepest one on the way that exists."""
        node: Located = self
        for step in steps:
            child = node.child(step)
            if child is None:
                return node
            node = child
        return node

    def child(self, step: str | int) -> "Located | None":
        """The value under one key or index; None where there is none."""
        return None

    def plain(self) -> object:
        """The value as text, None, lists and dicts."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class ScalarNode(Located):
    """A text. `quoted` tells `"true"` from `true`, and an empty text from no value."""

    text: str = field(repr=False)
    quoted: bool

    @property
    def null(self) -> bool:
        """Whether it says that there is no value: nothing, `~` or `null`, without quotes."""
        return not self.quoted and self.text in _NULLS

    def plain(self) -> str | None:
        return None if self.null else self.text


@dataclass(frozen=True, slots=True)
class ListNode(Located):
    """A list."""

    items: tuple[Located, ...]

    def child(self, step: str | int) -> Located | None:
        if isinstance(step, int) and 0 <= step < len(self.items):
            return self.items[step]
        return None

    def plain(self) -> list[object]:
        return [item.plain() for item in self.items]


@dataclass(frozen=True, slots=True)
class MapNode(Located):
    """A mapping: the keys as located scalars, in the order of the file."""

    entries: tuple[tuple[ScalarNode, Located], ...]

    def child(self, step: str | int) -> Located | None:
        return next((value for key, value in self.entries if key.text == str(step)), None)

    def text(self, name: str) -> str | None:
        """The text under a key; None where there is none, or no text."""
        found = self.child(name)
        return found.plain() if isinstance(found, ScalarNode) else None

    def key(self, name: str) -> ScalarNode | None:
        """The key itself, for problems that are about the key."""
        return next((key for key, _ in self.entries if key.text == name), None)

    def __iter__(self) -> Iterator[tuple[ScalarNode, Located]]:
        return iter(self.entries)

    def only(self, keep: Callable[[str], bool]) -> "MapNode":
        """The same mapping with only those keys that `keep` says yes to."""
        entries = tuple(entry for entry in self.entries if keep(entry[0].text))
        return MapNode(self.file, self.line, self.column, self.path, entries)

    def plain(self) -> dict[str, object]:
        return {key.text: value.plain() for key, value in self.entries}


def load(path: Path, file: str | None = None) -> Located | None:
    """Read one YAML file; `file` is its name in messages. None where it holds no value at all."""
    name = file or str(path)
    return parse(decode(read_bytes(path, name, MAX_BYTES), name), name)


def parse(text: str, file: str) -> Located | None:
    """Located values of a YAML text; None for an empty one. ConfigError with every problem of its form."""
    try:
        root = pyyaml.compose(text, Loader=_Loader)
    except pyyaml.MarkedYAMLError as error:
        raise ConfigError([_form_problem(error, file)]) from None
    except pyyaml.reader.ReaderError as error:
        raise ConfigError([_char_problem(text, error, file)]) from None
    if root is None:
        return None
    builder = _Builder(file)
    node = builder.build(root, "", 1)
    if builder.problems:
        raise ConfigError(builder.problems)
    return None if isinstance(node, ScalarNode) and node.null else node


class _Loader(pyyaml.BaseLoader):
    """Stops at once where a text holds too much: nothing of the rest is read."""

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self._nodes = self._depth = 0

    def compose_node(self, parent: pyyaml.Node | None, index: int) -> pyyaml.Node | None:
        self._nodes += 1
        self._depth += 1
        if self._depth > 2 * MAX_DEPTH:  # a little more is told with its key
            raise self._too_much(f"nested deeper than {MAX_DEPTH} levels")
        if self._nodes > MAX_NODES:
            raise self._too_much(f"more than {MAX_NODES} values; put them into a table")
        found: pyyaml.Node | None = super().compose_node(parent, index)
        self._depth -= 1
        return found

    def _too_much(self, what: str) -> pyyaml.MarkedYAMLError:
        here = self.peek_event().start_mark  # type: ignore[no-untyped-call]
        return pyyaml.MarkedYAMLError(_TOO_MUCH, None, what, here)


_TOO_MUCH = "too much"


class _Builder:
    """Turns composed nodes into located ones, counting what aliases expand to."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self._nodes = 0

    def build(self, node: pyyaml.Node, path: str, depth: int) -> Located:
        self._nodes += 1
        if depth > MAX_DEPTH:
            raise ConfigError([self._problem(node, _cut(path), f"nested deeper than {MAX_DEPTH} levels")])
        if self._nodes > MAX_NODES:
            what = f"more than {MAX_NODES} values (aliases expand to too much?)"
            raise ConfigError([self._problem(node, _cut(path), what)])
        if node.tag not in _PLAIN_TAGS:
            tag = str(node.tag).replace("tag:yaml.org,2002:", "!!")
            self._tell(node, path, f"the tag {shown(tag)} is not read; write the value alone")
        if isinstance(node, pyyaml.MappingNode):
            return self._map(node, path, depth)
        if isinstance(node, pyyaml.SequenceNode):
            items = [self.build(item, f"{path}[{n}]", depth + 1) for n, item in enumerate(node.value)]
            return ListNode(*self._place(node), path, tuple(items))
        return self._scalar(node, path)

    def _map(self, node: pyyaml.MappingNode, path: str, depth: int) -> MapNode:
        entries: list[tuple[ScalarNode, Located]] = []
        first: dict[str, int] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, pyyaml.ScalarNode):
                self._tell(key_node, path, "a key must be one text, not a list or a mapping")
                continue
            key = self._scalar(key_node, _under(path, key_node.value))
            if key.text == "<<" and not key.quoted:
                self._tell(key_node, key.path, "merge keys (<<) are not read; write the keys out")
            elif key.null:
                self._tell(
                    key_node, key.path, f"the key {shown(key.text)} says that there is none; put it in quotes"
                )
            elif key.text in first:
                self._tell(key_node, key.path, f"the key stands twice, first in line {first[key.text]}")
            else:
                first[key.text] = key.line
                entries.append((key, self.build(value_node, key.path, depth + 1)))
        return MapNode(*self._place(node), path, tuple(entries))

    def _scalar(self, node: pyyaml.Node, path: str) -> ScalarNode:
        return ScalarNode(*self._place(node), path, node.value, getattr(node, "style", None) is not None)

    def _place(self, node: pyyaml.Node) -> tuple[str, int, int]:
        return self.file, node.start_mark.line + 1, node.start_mark.column + 1

    def _problem(self, node: pyyaml.Node, path: str, what: str) -> Problem:
        return Problem(*self._place(node), path, what)

    def _tell(self, node: pyyaml.Node, path: str, what: str) -> None:
        self.problems.append(self._problem(node, path, what))


def _cut(path: str) -> str:
    """A path that may be endless, as far as a person wants to read it."""
    return path if len(path) <= 40 else f"{path[:40]}…"


def _under(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _form_problem(error: pyyaml.MarkedYAMLError, file: str) -> Problem:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
    what = str(error.problem) if error.context == _TOO_MUCH else _form_text(error)
    return Problem(file, line, column, "", what)


def _form_text(error: pyyaml.MarkedYAMLError) -> str:
    """The reader's complaint in the words of someone who writes YAML by hand."""
    said = error.problem or "this is not YAML"
    if "'\\t'" in said:
        return "a tab stands here; indent with spaces"
    if "undefined alias" in said:
        return "this alias names an anchor that does not exist"
    if "second occurrence" in said:
        return "this anchor (&) names a value already"
    if "another document" in said or "but found another" in said:
        return "a second document starts here; one file holds one document"
    if "mapping values are not allowed" in said:
        return "a `key: value` cannot stand here; check the indent, and quote a text that holds `: `"
    if "could not find expected ':'" in said:
        return "a `:` is missing after the key above"
    if error.context and "flow" in error.context:
        return "a list [ ] or mapping { } is not closed, or a comma is missing"
    if "unknown escape character" in said:
        return "this \\ escape is unknown; write \\\\ or use 'single quotes'"
    if "cannot start any token" in said:
        return "a value cannot start with this character; put it in quotes"
    if "expected <block end>" in said or "unindent" in said:
        return "the indent does not match the lines above"
    if "<document start>" in said:
        return "a line that starts with % must be in quotes"
    if "scanning a quoted scalar" in (error.context or ""):
        return "a quoted text is not closed"
    return f"this is not YAML: {said}"


def _char_problem(text: str, error: pyyaml.reader.ReaderError, file: str) -> Problem:
    at = error.position
    line = text.count("\n", 0, at) + 1
    column = at - (text.rfind("\n", 0, at) + 1) + 1
    code = error.character if isinstance(error.character, int) else ord(error.character[:1])
    return Problem(
        file, line, column, "", f"the invisible character U+{code:04X} cannot stand in YAML; delete it"
    )
