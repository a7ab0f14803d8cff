"""What an admin can set for a WooCommerce account in entrepot.yaml."""

from datetime import timedelta

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, field_validator

from sync.domain.orders import OrderStatus

PLACEHOLDERS = ("{carrier}", "{tracking}", "{url}")


class Options(BaseModel):
    """The options of one WooCommerce shop. The secret (`ck_…:cs_…`) stands elsewhere."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = Field(
        description="The shop's address, such as https://shop.example.com, without `/wp-json`. Over http "
        "each request is signed (OAuth 1.0a): WooCommerce takes no password there."
    )
    home_url: str | None = Field(
        default=None,
        description="The WordPress address as the shop itself knows it, where `url` differs from it (another "
        "port, a proxy). Signatures are made over it.",
    )
    oauth: bool = Field(
        default=False,
        description="Whether requests over https are signed too (OAuth 1.0a): for a shop that does not know "
        "that a proxy in front of it speaks https.",
    )
    currency: str | None = Field(
        default=None,
        pattern="^[A-Z]{3}$",
        description="The shop's currency, where the shop does not tell it (its settings are read otherwise).",
    )
    orders_from: AwareDatetime | None = Field(
        default=None, description="Orders last changed before this moment are not read; without it, all are."
    )
    overlap_seconds: int = Field(
        default=120,
        ge=2,
        le=3600,
        description="How far back the feeds look again, for changes that were committed late.",
    )
    page_items: int = Field(
        default=50, ge=2, le=100, description="Records a page; the shop gives at most 100."
    )
    states: dict[str, OrderStatus] = Field(
        default_factory=dict,
        description="What the order statuses of plugins mean, without `wc-`: pending, open, completed or "
        "cancelled.",
    )
    refund_by_gateway: bool = Field(
        default=True,
        description="Whether the payment gateway gives the money back by itself. Say false where a person "
        "does: then a refund is only booked.",
    )
    tracking_providers: dict[str, str] = Field(
        default_factory=dict,
        description="Our names of carriers, and what the Shipment Tracking extension calls them; others are "
        "told as custom ones.",
    )
    tracking_note: str = Field(
        default="Your parcel is on its way: {carrier} {tracking} {url}",
        description="The note to the buyer where the extension is not installed, with {carrier}, {tracking} "
        "and {url}.",
    )

    @field_validator("url", "home_url")
    @classmethod
    def _an_http_address(cls, value: str | None) -> str | None:
        if value is None:
            return None
        if not value.startswith(("http://", "https://")):
            raise ValueError("must begin with https:// (or http:// inside your own network)")
        return value.split("/wp-json", 1)[0].rstrip("/")

    @field_validator("tracking_note")
    @classmethod
    def _names_the_number(cls, value: str) -> str:
        if "{tracking}" not in value:
            raise ValueError("must hold {tracking}, or the buyer is told no number")
        return value

    @property
    def server(self) -> str:
        """The address that all paths are relative to."""
        return self.url + "/"

    @property
    def signed(self) -> bool:
        """Whether requests are signed rather than sent with a password."""
        return self.oauth or self.url.startswith("http://")

    @property
    def home(self) -> str:
        """The address that signatures are made over."""
        return self.home_url or self.url

    @property
    def overlap(self) -> timedelta:
        """How far back the feeds look again."""
        return timedelta(seconds=self.overlap_seconds)

    def told(self, carrier: str, tracking: str, url: str) -> str:
        """The note to the buyer about one parcel."""
        text = self.tracking_note
        for name, value in zip(PLACEHOLDERS, (carrier, tracking, url), strict=True):
            text = text.replace(name, value)
        return " ".join(text.split())
