"""Splits GraphQL text into tokens; the readers of documents and of schemas share them."""

import re
from dataclasses import dataclass

Place = tuple[int, int]
"""Line and column, both from 1."""


class SyntaxFault(Exception):
    """The text is not GraphQL; `place` is where it stopped making sense."""

    def __init__(self, message: str, place: Place) -> None:
        super().__init__(f"Syntax Error: {message}")
        self.place = place


_TOKEN = re.compile(
    r'(?P<block>"""(?:\\"""|[^"]|"(?!""))*""")'
    r'|(?P<string>"(?:\\.|[^"\\\n])*")'
    r"|(?P<float>-?(?:0|[1-9]\d*)(?:\.\d+(?:[eE][+-]?\d+)?|[eE][+-]?\d+))"
    r"|(?P<int>-?(?:0|[1-9]\d*))"
    r"|(?P<name>[_A-Za-z][_0-9A-Za-z]*)"
    r"|(?P<mark>\.\.\.|[!$&():=@\[\]{|}])"
    r"|(?P<skip>[\s,\ufeff]+|#[^\n]*)"
)
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|u\{[0-9A-Fa-f]+\}|.)")
_PLAIN = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


@dataclass(frozen=True, slots=True)
class Token:
    """One lexical token; `kind` is block, string, float, int, name, mark or end."""

    kind: str
    text: str
    place: Place

    def __str__(self) -> str:
        if self.kind == "end":
            return "<EOF>"
        return f'Name "{self.text}"' if self.kind == "name" else f'"{self.text}"'


def tokens(text: str) -> list[Token]:
    """Split a text into tokens, ending with one of kind `end`."""
    found: list[Token] = []
    at, line, start = 0, 1, 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        place = (line, at - start + 1)
        if match is None:
            raise SyntaxFault(f'Unexpected character: "{text[at]}".', place)
        piece = match.group()
        if match.lastgroup != "skip":
            found.append(Token(match.lastgroup or "", piece, place))
        at = match.end()
        if newlines := piece.count("\n"):
            line += newlines
            start = match.start() + piece.rindex("\n") + 1
    found.append(Token("end", "", (line, at - start + 1)))
    return found


def _unescape(match: re.Match[str]) -> str:
    code = match.group(1)
    if code[0] == "u" and len(code) > 1:
        return chr(int(code[1:].strip("{}"), 16))
    return _PLAIN.get(code, code)


def string_value(token: Token) -> str:
    """The text that a string token stands for."""
    if token.kind == "block":
        return token.text[3:-3].replace('\\"""', '"""').strip("\n")
    text = _ESCAPE.sub(_unescape, token.text[1:-1])
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
