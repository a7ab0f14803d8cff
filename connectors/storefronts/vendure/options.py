"""What an admin can set for a Vendure account in entrepot.yaml."""

from datetime import datetime, timedelta

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, field_validator

from sync.domain.orders import OrderStatus


class Options(BaseModel):
    """The options of one Vendure shop, or of one of its channels. The secret stands elsewhere."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = Field(
        description="The shop's server, such as https://shop.example.com, or the whole URL of its Admin API."
    )
    admin_path: str = Field(
        default="admin-api", description="Where the Admin API lies on that server: `apiOptions.adminApiPath`."
    )
    username: str | None = Field(
        default=None,
        description="The administrator to log in as; the secret is then the password. Without it the secret "
        "is an API key, which costs the shop about 300 ms a request.",
    )
    channel: str | None = Field(
        default=None,
        description="The token of the channel to work in (`vendure-token`); without it, the default channel.",
    )
    stock_location: str | None = Field(
        default=None,
        description="The id or name of the stock location whose quantity is written; without it, the oldest.",
    )
    language: str | None = Field(
        default=None,
        description="The language code in which texts are written; without it, the channel's default.",
    )
    orders_from: AwareDatetime | None = Field(
        default=None, description="Orders placed before this moment are never read; without it, all are."
    )
    overlap_seconds: int = Field(
        default=120,
        ge=1,
        le=3600,
        description="How far back the order feed looks again, for orders that were committed late.",
    )
    page_items: int = Field(
        default=50,
        ge=2,
        le=1000,
        description="Records a page; the shop refuses more than `apiOptions.adminListQueryLimit` (1000).",
    )
    states: dict[str, OrderStatus] = Field(
        default_factory=dict,
        description="What the shop's own order states mean: pending, open, completed or cancelled.",
    )
    settle_refunds: bool = Field(
        default=True,
        description="Whether a refund that the payment handler leaves Pending is marked as settled at once. "
        "Say false where the payment provider, or a person, settles it.",
    )

    @field_validator("url")
    @classmethod
    def _an_http_address(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            raise ValueError("must begin with https:// (or http:// inside your own network)")
        return value.rstrip("/")

    @field_validator("admin_path")
    @classmethod
    def _without_slashes(cls, value: str) -> str:
        path = value.strip("/")
        if not path:
            raise ValueError("must not be empty")
        return path

    @property
    def server(self) -> str:
        """The address that the Admin API's path is relative to."""
        return self.url.removesuffix("/" + self.admin_path) + "/"

    @property
    def overlap(self) -> timedelta:
        """How far back the feeds look again."""
        return timedelta(seconds=self.overlap_seconds)

    @property
    def start(self) -> datetime | None:
        """Before this moment no order is read."""
        return self.orders_from
