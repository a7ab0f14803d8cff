"""What a shop sells: products, their variants, pictures and options, with the stock it believes to have.

`Variant.physical` names the thing that is really sold. Only the sandbox knows it: the listing's own SKU may
be missing, or differ from it.
"""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class Asset:
    """A picture or another file."""

    id: str
    name: str
    type: str
    mime_type: str
    file_size: int
    width: int
    height: int
    created_at: datetime
    updated_at: datetime

    @property
    def source(self) -> str:
        """Where the file would be served."""
        return f"source/{self.name}"

    @property
    def preview(self) -> str:
        """Where the preview would be served."""
        return f"preview/{self.name}"


@dataclass(slots=True)
class Option:
    """One choice of a group, such as a size."""

    id: str
    code: str
    name: str
    group: "OptionGroup"
    created_at: datetime
    updated_at: datetime
    language_code: str = "en"

    @property
    def group_id(self) -> str:
        """The id of its group."""
        return self.group.id


@dataclass(slots=True)
class OptionGroup:
    """Choices of which a variant has exactly one."""

    id: str
    code: str
    name: str
    created_at: datetime
    updated_at: datetime
    options: list[Option] = field(default_factory=list)
    language_code: str = "en"


@dataclass(slots=True)
class Product:
    """What the shop's pages show; its variants are what can be bought."""

    id: str
    name: str
    slug: str
    description: str
    created_at: datetime
    updated_at: datetime
    enabled: bool = True
    deleted: bool = False
    assets: list[Asset] = field(default_factory=list)
    featured_asset: Asset | None = None
    option_groups: list[OptionGroup] = field(default_factory=list)
    variants: list["Variant"] = field(default_factory=list)
    language_code: str = "en"


@dataclass(slots=True)
class Variant:
    """One sellable thing; `price` is as listed, with or without tax as the shop does it."""

    id: str
    product: Product
    sku: str
    name: str
    price: int
    created_at: datetime
    updated_at: datetime
    stock_moved_at: datetime
    on_hand: int = 0
    allocated: int = 0
    threshold: int = 0
    global_threshold: bool = True
    track: str = "INHERIT"
    enabled: bool = True
    deleted: bool = False
    options: tuple[Option, ...] = ()
    assets: list[Asset] = field(default_factory=list)
    featured_asset: Asset | None = None
    physical: str | None = None
    language_code: str = "en"

    @property
    def choices(self) -> frozenset[str]:
        """The ids of its options."""
        return frozenset(option.id for option in self.options)

    @property
    def tracked(self) -> bool:
        """Whether the shop counts its stock."""
        return self.track != "FALSE"

    @property
    def saleable(self) -> int:
        """How many more a shopper may take; a variant that is not tracked never runs out."""
        if not self.tracked:
            return 2**31 - 1
        return self.on_hand - self.allocated - (0 if self.global_threshold else self.threshold)

    @property
    def live(self) -> bool:
        """Whether shoppers see it."""
        return self.enabled and self.product.enabled and not self.deleted and not self.product.deleted
