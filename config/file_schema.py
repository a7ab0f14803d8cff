"""All keys of `entrepot.yaml` together, and the JSON Schema that editors use for it."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field

from config.jsonschema import for_editors
from config.schema import (
    AccountModel,
    BackupModel,
    LogModel,
    MetricsModel,
    ParcelsModel,
    RetentionModel,
    ScheduleModel,
    Strict,
    WebhooksModel,
    Zone,
)
from config.ways import MailModel


class FileModel(Strict):
    """entrepot.yaml"""

    timezone: Zone = Field(ZoneInfo("UTC"), description="IANA zone for times without one.")
    data: str = Field("./entrepot-data", min_length=1, description="Folder of database, keys and backups.")
    database: str | None = Field(
        None,
        description="sqlite:///PATH or postgresql://USER@HOST/DATABASE; absent: a file in the data folder.",
    )
    secrets: str = Field("./secrets", min_length=1, description="Folder of the files that file:NAME names.")
    mappings: str = Field("./mappings", min_length=1, description="Folder of the mapping files.")
    metrics: MetricsModel = MetricsModel()
    webhooks: WebhooksModel = WebhooksModel()
    log: LogModel = LogModel()
    schedule: ScheduleModel = ScheduleModel()
    parcels: ParcelsModel = ParcelsModel()
    retention: RetentionModel = RetentionModel()
    backup: BackupModel = BackupModel()
    mail: MailModel | None = None
    apprise: dict[str, str] = Field(
        {},
        description="Gateways by name: each env:NAME or file:NAME of an Apprise URL; {phone} and {email} in it.",
    )
    accounts: dict[str, dict[str, object]] = Field(description="Shops, warehouses and couriers by name.")


def settings_schema(options: Mapping[str, type[BaseModel]] | None = None) -> dict[str, object]:
    """JSON Schema (2020-12) of `entrepot.yaml`; `options` are the connectors' option models by name."""
    return for_editors(FileModel, AccountModel, options or {})
