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

    @property
    def base_url(self) -> str:
        """The address without a slash at its end."""
        return str(self.url).rstrip("/")
