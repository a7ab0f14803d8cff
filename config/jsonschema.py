"""JSON Schema for editors, from the same models that check the files.

An editor reads YAML with its own types: an unquoted `00123` is a number to it. So wherever we read text,
the schema lets numbers and booleans pass; what they mean is said by the daemon.
"""

from collections.abc import Mapping

from pydantic import BaseModel

DIALECT = "https://json-schema.org/draft/2020-12/schema"
NAME_PATTERN = "^[a-z][a-z0-9_-]{0,31}$"


def loosened(value: object) -> object:
    """The schema with every free text open to what an editor takes for a number or a boolean."""
    if isinstance(value, list):
        return [loosened(item) for item in value]
    if not isinstance(value, dict):
        return value
    result = {key: loosened(item) for key, item in value.items() if key != "title" or isinstance(item, dict)}
    if result.get("type") == "string" and not {"enum", "pattern", "const"} & result.keys():
        result["type"] = ["string", "number", "boolean"]
        result.pop("format", None)
    if result.get("type") in ("integer", "number") and "examples" not in result:
        result["type"] = [str(result["type"]), "string"]
    return result


def schema_of(model: type[BaseModel]) -> dict[str, object]:
    """One model's loosened schema, its parts under `$defs`."""
    found = loosened(model.model_json_schema())
    if not isinstance(found, dict):
        raise TypeError("a model's schema is a mapping")
    return found


def for_editors(
    file: type[BaseModel], account: type[BaseModel], options: Mapping[str, type[BaseModel]]
) -> dict[str, object]:
    """The whole file's schema: common keys for every account, and each connector's options beside them."""
    whole = schema_of(file)
    definitions = _take(whole)
    base = schema_of(account)
    definitions |= _take(base)
    common = _part(base, "properties")
    variants: list[object] = []
    for name, model in sorted(options.items()):
        extra = schema_of(model)
        definitions |= {f"{name}.{key}": _renamed(part, name) for key, part in _take(extra).items()}
        own = _renamed(_part(extra, "properties"), name)
        properties = common | (own if isinstance(own, dict) else {}) | {"connector": {"const": name}}
        required = ["connector", *(key for key in _names(extra) if key != "connector")]
        variants.append(
            {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
        )
    if not variants:
        variants.append({"type": "object", "properties": common, "required": ["connector"]})
    _part(whole, "properties")["accounts"] = {
        "type": "object",
        "propertyNames": {"pattern": NAME_PATTERN},
        "additionalProperties": {"anyOf": variants},
    }
    return {"$schema": DIALECT, "title": "entrepot.yaml", **whole, "$defs": definitions}


def _take(schema: dict[str, object]) -> dict[str, object]:
    definitions = schema.pop("$defs", {})
    return definitions if isinstance(definitions, dict) else {}


def _part(schema: dict[str, object], key: str) -> dict[str, object]:
    found = schema.setdefault(key, {})
    return found if isinstance(found, dict) else {}


def _names(schema: dict[str, object]) -> list[str]:
    found = schema.get("required", [])
    return [str(name) for name in found] if isinstance(found, list) else []


def _renamed(value: object, prefix: str) -> object:
    """References to a connector's own parts, so that two connectors may use one name."""
    if isinstance(value, list):
        return [_renamed(item, prefix) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: f"#/$defs/{prefix}.{item.removeprefix('#/$defs/')}"
        if key == "$ref" and isinstance(item, str)
        else _renamed(item, prefix)
        for key, item in value.items()
    }
