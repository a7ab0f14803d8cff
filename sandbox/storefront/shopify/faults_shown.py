"""How Shopify words what is wrong with a document or its variables; the engine speaks as graphql-js does."""

import re
from collections.abc import Callable
from typing import Any

from sandbox.storefront.vendure.graphql.execution import VariableFault
from sandbox.storefront.vendure.graphql.nodes import Operation
from sandbox.storefront.vendure.graphql.tokens import Place, SyntaxFault
from sandbox.storefront.vendure.graphql.validation import Fault

Error = dict[str, Any]


def _places(places: tuple[Place, ...]) -> list[dict[str, int]]:
    return [{"line": line, "column": column} for line, column in places]


def _no_field(m: re.Match[str]) -> tuple[str, Error]:
    text = f"Field '{m[1]}' doesn't exist on type '{m[2]}'"
    return text, {"code": "undefinedField", "typeName": m[2], "fieldName": m[1]}


def _no_argument(m: re.Match[str]) -> tuple[str, Error]:
    text = f"Field '{m[2]}' doesn't accept argument '{m[1]}'"
    return text, {"code": "argumentNotAccepted", "name": m[2], "typeName": "Field", "argumentName": m[1]}


def _no_member(m: re.Match[str]) -> tuple[str, Error]:
    text = f"InputObject '{m[2]}' doesn't accept argument '{m[1]}'"
    return text, {
        "code": "argumentNotAccepted",
        "name": m[2],
        "typeName": "InputObject",
        "argumentName": m[1],
    }


def _missing(m: re.Match[str]) -> tuple[str, Error]:
    text = f"Field '{m[1]}' is missing required arguments: {m[2]}"
    return text, {"code": "missingRequiredArguments", "className": "Field", "name": m[1], "arguments": m[2]}


def _no_selection(m: re.Match[str]) -> tuple[str, Error]:
    text = (
        f"Field must have selections (field '{m[1]}' returns {m[2]} but has no selections. "
        f"Did you mean '{m[1]} {{ ... }}'?)"
    )
    return text, {"code": "selectionMismatch", "nodeName": f"field '{m[1]}'", "typeName": m[2]}


def _unused(m: re.Match[str]) -> tuple[str, Error]:
    return f"Variable ${m[1]} is declared by anonymous query but not used", {
        "code": "variableNotUsed",
        "variableName": m[1],
    }


_WORDS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], tuple[str, Error]]], ...] = (
    (re.compile(r'Cannot query field "(\w+)" on type "(\w+)"\.'), _no_field),
    (re.compile(r'Unknown argument "(\w+)" on field "\w+\.(\w+)"\.'), _no_argument),
    (re.compile(r'Field "(\w+)" is not defined by type "(\w+)"\.'), _no_member),
    (re.compile(r'Field "(\w+)" argument "(\w+)" of type .* is required.*'), _missing),
    (re.compile(r'Field "(\w+)" of type "([\w!\[\]]+)" must have a selection.*'), _no_selection),
    (re.compile(r'Variable "\$(\w+)" is never used\.'), _unused),
)


def document_errors(faults: list[Fault], operation: str) -> list[Error]:
    """The faults of a document as errors of the answer."""
    found: list[Error] = []
    for fault in faults:
        message, extensions = fault.message, {"code": "argumentLiteralsIncompatible"}
        for pattern, words in _WORDS:
            if match := pattern.fullmatch(fault.message):
                message, extensions = words(match)
                break
        shown = {"message": message, "locations": _places(fault.places), "path": [operation]}
        found.append(shown | {"extensions": extensions})
    return found


_ACCESS = "Required access: "
_SCOPES = "https://shopify.dev/api/usage/access-scopes"


def field_errors(errors: list[Error]) -> list[Error]:
    """What went wrong while it was executed; a field that the app may not have tells what it would need."""
    return [_with_access(each) for each in errors]


def _with_access(error: Error) -> Error:
    _, found, needed = str(error["message"]).partition(_ACCESS)
    if not found:
        return error
    return error | {"extensions": error["extensions"] | {"documentation": _SCOPES, "requiredAccess": needed}}


def syntax_error(fault: SyntaxFault) -> Error:
    """A text that is not GraphQL."""
    message = str(fault).replace("Syntax Error: ", "syntax error, ")
    return {"message": message, "locations": _places((fault.place,)), "extensions": {"code": "parseError"}}


def variable_error(fault: VariableFault, operation: Operation, given: dict[str, Any]) -> Error:
    """A variable that does not fit, or is missing."""
    match = re.match(
        r'Variable "\$(\w+)"(?: got invalid value(?: at "([^"]*)")?; (.*))?', str(fault), re.DOTALL
    )
    name = match[1] if match else ""
    definition = next((d for d in operation.variables if d.name == name), None)
    kind = str(definition.type) if definition else ""
    text = f"Variable ${name} of type {kind} was provided invalid value"
    path, problem = _problem((match[2] or "") if match else "", (match[3] or "") if match else "", name)
    if path:
        text += f" for {'.'.join(path)} ({problem})"
    problems = [{"path": [int(p) if p.isdigit() else p for p in path], "explanation": problem}]
    extensions = {"code": "INVALID_VARIABLE", "value": given.get(name), "problems": problems}
    return {"message": text, "locations": _places((fault.place,)), "extensions": extensions}


def _problem(where: str, words: str, variable: str) -> tuple[list[str], str]:
    path = [part for part in re.split(r"[.\[\]]+", where.removeprefix(variable)) if part]
    if match := re.match(r'Field "(\w+)" is not defined by type "(\w+)"', words):
        return [*path, match[1]], f"Field is not defined on {match[2]}"
    if match := re.match(r'Field "(\w+)" of required type', words):
        return [*path, match[1]], "Expected value to not be null"
    if match := re.match(r'Value "(.*)" does not exist in "(\w+)" enum', words):
        return path, f'Expected "{match[1]}" to be one of the values of {match[2]}'
    return path, words or "Expected value to not be null"
