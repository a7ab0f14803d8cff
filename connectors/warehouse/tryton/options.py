"""What an account of kind Tryton says in the YAML."""

from pydantic import AnyHttpUrl, BaseModel, ConfigDict, Field


class Options(BaseModel):
    """Where Tryton is, and which warehouse and which customer of it are meant."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: AnyHttpUrl = Field(description="Tryton's address, such as https://tryton.example.com")
    database: str = Field(min_length=1, description="The name of the database.")
    company: int = Field(default=1, ge=1, description="The id of the company that ships.")
    warehouse: str = Field(min_length=1, description="The code of the warehouse location, such as WH-MAIN.")
    customer: str = Field(
        min_length=1,
        description="The code of the party that stands for all buyers, such as CUS-1; "
        "every consignee becomes an address of it.",
    )

    damaged_location: str | None = Field(
        default=None,
        min_length=1,
        description="The code of the place where damaged returns are kept. "
        "What is put away in a waste location counts as damaged and scrapped without this.",
    )
    wrong_location: str | None = Field(
        default=None,
        min_length=1,
        description="The code of the place where returned goods are kept that are not the ones expected.",
    )
    scrap_location: str | None = Field(
        default=None,
        min_length=1,
        description="The code of a place, other than a waste location, whose returned goods are scrapped.",
    )
    quarantine_location: str | None = Field(
        default=None,
        min_length=1,
        description="The code of the place where returned goods lie that nobody has looked at yet.",
    )

    @property
    def base_url(self) -> str:
        """The address without a slash at its end."""
        return str(self.url).rstrip("/")
