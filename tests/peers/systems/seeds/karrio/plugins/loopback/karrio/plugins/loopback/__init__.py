"""Registers the loopback courier with Karrio."""

import karrio.core.metadata as metadata
import karrio.lib as lib
import karrio.mappers.loopback as mappers
from karrio.mappers.loopback.settings import SERVICES


class Service(lib.StrEnum):
    loopback_standard = "STD"
    loopback_express = "EXP"


class Option(lib.Enum):
    loopback_note = lib.OptionEnum("note")


METADATA = metadata.PluginMetadata(
    status="beta",
    id="loopback",
    label="Loopback Courier",
    Mapper=mappers.Mapper,
    Proxy=mappers.Proxy,
    Settings=mappers.Settings,
    services=Service,
    options=Option,
    service_levels=SERVICES,
    has_intl_accounts=True,
)
