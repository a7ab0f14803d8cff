"""What an admin can set for a Corner Shop account in entrepot.yaml."""

from pydantic import BaseModel, ConfigDict, Field


class Options(BaseModel):
    """The options of one shop. The secret stands elsewhere."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = Field(description="Where the shop's API lies, such as https://corner.example/api.")
    page_items: int = Field(default=100, ge=1, le=500, description="Records a page.")
