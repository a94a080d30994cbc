"""A small C++ tokenizer: enough to see brackets, statements and keywords, blind to comments and literals."""

import re
from dataclasses import dataclass

TOKEN = re.compile(
    r"""
    (?P<space>\s+)
  | (?P<comment>//[^\n]*|/\*.*?\*/)
  | (?P<raw>(?:u8|[uUL])?R"(?P<delimiter>[^\s()\\]{0,16})\(.*?\)(?P=delimiter)")
  | (?P<string>(?:u8|[uUL])?"(?:\\.|[^"\\\n])*")
  | (?P<char>(?:u8|[uUL])?'(?:\\.|[^'\\\n])+')
  | (?P<word>[A-Za-z_]\w*)
  | (?P<number>\.?\d(?:'?[\w.]|[eEpP][+-])*)
  | (?P<operator>->\*|->|::|\+\+|--|&&|\|\||<=>|[<>=!+\-*/%&|^]=|.)
    """,
    re.VERBOSE | re.DOTALL,
)
DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", re.MULTILINE)


@dataclass
class Token:
    kind: str
    text: str
    line: int


def tokenize(source):
    """All tokens but white space, comments and preprocessor lines; literals keep their place as one token."""
    source = DIRECTIVE.sub(lambda match: "\n" * match.group().count("\n"), source)
    tokens, line = [], 1
    for match in TOKEN.finditer(source):
        text, kind = match.group(), match.lastgroup
        if kind == "delimiter" or match.group("raw"):
            kind = "raw"
        if kind not in ("space", "comment"):
            tokens.append(Token(kind, text, line))
        line += text.count("\n")
    return tokens
