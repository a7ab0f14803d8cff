"""What an admin can set for a Medusa account in entrepot.yaml."""

from datetime import timedelta

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, field_validator


class Options(BaseModel):
    """The options of one Medusa shop, or of one of its sales channels. The secret stands elsewhere."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = Field(description="The shop's server, such as https://shop.example.com, without `/admin`.")
    email: str | None = Field(
        default=None,
        description="The admin user to log in as; the secret is then the password. Without it the secret is "
        "a secret API key.",
    )
    location: str | None = Field(
        default=None,
        description="The id or name of the stock location whose quantity is written; without it, the oldest.",
    )
    sales_channel: str | None = Field(
        default=None,
        description="The id or name of the sales channel whose orders are read, and in which a product must "
        "stand to count as published; without it, all.",
    )
    orders_from: AwareDatetime | None = Field(
        default=None, description="Orders last changed before this moment are not read; without it, all are."
    )
    overlap_seconds: int = Field(
        default=120,
        ge=1,
        le=3600,
        description="How far back the feeds look again, for changes that were committed late.",
    )
    page_items: int = Field(default=50, ge=2, le=1000, description="Records a page.")

    @field_validator("url")
    @classmethod
    def _an_http_address(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            raise ValueError("must begin with https:// (or http:// inside your own network)")
        return value.rstrip("/").removesuffix("/admin")

    @property
    def server(self) -> str:
        """The address that all paths are relative to."""
        return self.url + "/"

    @property
    def overlap(self) -> timedelta:
        """How far back the feeds look again."""
        return timedelta(seconds=self.overlap_seconds)
