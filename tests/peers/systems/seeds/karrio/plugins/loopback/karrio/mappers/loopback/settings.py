"""What a connection to the loopback courier is made of, and its two services."""

import attr
import jstruct
import karrio.core.models as models
import karrio.lib as lib
from karrio.core.settings import Settings as BaseSettings

_ANYWHERE = {
    "domicile": True,
    "international": True,
    "max_weight": 30,
    "weight_unit": "KG",
    "currency": "CNY",
}

SERVICES = [
    models.ServiceLevel(
        service_name="Standard",
        service_code="loopback_standard",
        transit_days=3,
        zones=[
            models.ServiceZone(label="0-1kg", max_weight=1, rate=8.0),
            models.ServiceZone(label="1-30kg", min_weight=1, max_weight=30, rate=15.0),
        ],
        **_ANYWHERE,
    ),
    models.ServiceLevel(
        service_name="Express",
        service_code="loopback_express",
        transit_days=1,
        zones=[models.ServiceZone(label="0-30kg", max_weight=30, rate=23.0)],
        **_ANYWHERE,
    ),
]


@attr.s(auto_attribs=True)
class Settings(BaseSettings):
    """No `custom_carrier_name` here: its presence makes Karrio treat the connection as "generic"."""

    api_key: str
    api_secret: str = None
    id: str = None
    test_mode: bool = False
    carrier_id: str = "loopback"
    account_country_code: str = None
    metadata: dict = {}  # noqa: RUF008 (Karrio prints defaults as JSON)
    config: dict = {}  # noqa: RUF008
    label_template: models.LabelTemplate = jstruct.JStruct[models.LabelTemplate]
    services: list[models.ServiceLevel] = jstruct.JList[models.ServiceLevel, False, {"default": SERVICES}]

    @property
    def carrier_name(self):
        return "loopback"

    @property
    def shipping_services(self):
        return self.services or SERVICES

    @property
    def connection_config(self):
        return lib.to_connection_config(self.config or {})
