"""The account's options in YAML."""

from pydantic import BaseModel, ConfigDict, Field, field_validator


class Carrier(BaseModel):
    """How one carrier is used."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    connections: tuple[str, ...] = Field(
        default=(),
        description="The carrier_id of each of Karrio's connections to use for it; empty: all that it has.",
    )
    service: str = Field(
        default="",
        description="The service to buy where an order asks for none; empty: the cheapest.",
    )


class Options(BaseModel):
    """A Karrio server and the carriers to use on it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = Field(description="The server's address, such as https://karrio.example.com.")
    carriers: dict[str, Carrier] = Field(
        default_factory=dict,
        description="By Karrio's carrier_name (such as dhl_express): which connections and service to use. "
        "A carrier that is not named is used with all its connections.",
    )

    live_tracking: bool = Field(
        default=False,
        description="Ask the carrier through Karrio at every look. Otherwise Karrio's own tracker is read, "
        "which asks the carrier at most once a minute.",
    )

    @field_validator("url")
    @classmethod
    def _is_address(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            raise ValueError("must begin with http:// or https://")
        return value.rstrip("/")

    def carrier(self, name: str) -> Carrier:
        """How to use this carrier."""
        return self.carriers.get(name, Carrier())
