"""A courier for tests; Karrio finds the three classes here."""

from karrio.mappers.loopback.mapper import Mapper
from karrio.mappers.loopback.proxy import Proxy
from karrio.mappers.loopback.settings import Settings

__all__ = ["Mapper", "Proxy", "Settings"]
