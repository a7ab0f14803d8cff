"""`entrepot.yaml`, key by key."""

from collections.abc import Mapping

from config import settings_schema
from connectors import registry
from pages import NOTE
from pages.schemas import Schema, inner_parts, keys_table, part_section


def configuration() -> str:
    """`entrepot.yaml`, key by key."""
    options = {name: registry.find(name).options for name in registry.names()}
    schema = settings_schema(options)
    common = settings_schema()
    parts: Mapping[str, Schema] = schema["$defs"]  # type: ignore[assignment]
    accounts: Schema = common["properties"]["accounts"]["additionalProperties"]["anyOf"][0]  # type: ignore[index]
    own = {key: part for key, part in schema["properties"].items() if key != "accounts"}  # type: ignore[attr-defined]
    top = {"properties": own}
    sections = [
        "# entrepot.yaml\n" + NOTE,
        "The settings: what runs, where its data lie, how often each flow looks, and the accounts. A change is "
        "taken over while the daemon runs; `database` and `metrics` take a restart. Durations are written with "
        "their units, from `50 ms` to `7 days` in `schedule`. For an editor that completes and checks: "
        "`entrepot schema --write .schemas`.\n",
        "## Keys of the file\n" + keys_table(top, parts),
        *(part_section(name, parts) for name in inner_parts(top, parts)),
        "## accounts\nOne entry an account, by a name of its own: a small letter, then at most 31 of a-z, 0-9, "
        "`-` and `_`. These keys any account may have:\n\n" + keys_table(accounts, parts),
        *(part_section(name, parts) for name in inner_parts(accounts, parts)),
        *(_options_section(name, schema, accounts) for name in registry.names()),
    ]
    return "\n".join(sections)


def _options_section(name: str, schema: Schema, common: Schema) -> str:
    variants = schema["properties"]["accounts"]["additionalProperties"]["anyOf"]
    own = next(one for one in variants if one["properties"]["connector"].get("const") == name)
    parts = schema["$defs"]
    manifest = registry.find(name).manifest
    left = {key: part for key, part in own["properties"].items() if key not in common["properties"]}
    text = f"## Options of {name}\nFor an account of {manifest.title}. "
    text += f"Its `secret` is {'; '.join(manifest.secrets)}.\n\n" if manifest.secrets else "\n\n"
    text += keys_table({"properties": left, "required": own["required"]}, parts)
    inner = [part_section(part, parts) for part in inner_parts({"properties": left}, parts)]
    return "\n".join([text, *inner])
