"""`content:`: texts and pictures of which the catalogue is the owner."""

from config.schema import Strict
from mappings.schema.parts import TableName


class ContentModel(Strict):
    """Texts and pictures of listings, kept in step on the shops that are named."""

    table: TableName
