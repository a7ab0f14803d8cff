"""How routes are written down."""

from sandbox.storefront.woocommerce.calls import Act

Table = dict[str, dict[str, Act]]
"""Acts by WordPress's own pattern of an address, then by verb; `EDIT` stands for POST, PUT and PATCH."""
ID = r"(?P<id>[\d]+)"
ORDER = r"(?P<order_id>[\d]+)"
PRODUCT = r"(?P<product_id>[\d]+)"
