"""What an admin can set for a Shopify account in entrepot.yaml."""

from datetime import timedelta
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, field_validator

Named = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Options(BaseModel):
    """The options of one Shopify shop. The secret stands elsewhere."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = Field(
        description="The shop's own domain, such as my-shop.myshopify.com; not the domain that buyers see."
    )
    client_id: Named | None = Field(
        default=None,
        description="The app's client id, where the secret is its client secret: tokens are then fetched and "
        "renewed by the client-credentials grant. Without it the secret is an admin access token (shpat_…).",
    )
    locations: tuple[Named, ...] = Field(
        default=(),
        description="Ids or names of the locations that are ours. The first is the one whose quantity is read and "
        "written where none is named. Without it: the shop's oldest active location, and all may fulfil.",
    )
    publications: tuple[Named, ...] = Field(
        default=(),
        description="Ids or names of the publications (sales channels) that a product is put on and taken off. "
        "Without it the product's status alone is switched, ACTIVE or DRAFT.",
    )
    move_fulfilment_orders: bool = Field(
        default=False,
        description="Whether lines that the shop gave to a location which is not ours are moved to ours when "
        "they have left; otherwise they are refused with the location's name.",
    )
    notify_buyers: bool = Field(
        default=False,
        description="Whether Shopify mails the buyer about shipments, cancellations and refunds.",
    )
    orders_from: AwareDatetime | None = Field(
        default=None, description="Orders made before this moment are never read; without it, all are."
    )
    overlap_seconds: int = Field(
        default=120,
        ge=1,
        le=3600,
        description="How far back the feeds look again, for what the shop's search shows late.",
    )
    page_items: int = Field(
        default=25, ge=2, le=250, description="Orders or variants a page; Shopify refuses more than 250."
    )
    bulk_from: int = Field(
        default=2500,
        ge=1,
        description="From how many variants on a whole sweep is made by a bulk operation, not page by page.",
    )

    @field_validator("url")
    @classmethod
    def _a_shop(cls, value: str) -> str:
        url = value if "://" in value else f"https://{value}"
        if not url.startswith(("http://", "https://")):
            raise ValueError("must be the shop's domain, such as my-shop.myshopify.com")
        return url.rstrip("/")

    @property
    def overlap(self) -> timedelta:
        """How far back the feeds look again."""
        return timedelta(seconds=self.overlap_seconds)

    @property
    def domain(self) -> str:
        """The shop's myshopify.com domain; empty where `url` names another host."""
        host = self.url.split("://", 1)[1].split("/", 1)[0].lower()
        return host if host.endswith(".myshopify.com") else ""
