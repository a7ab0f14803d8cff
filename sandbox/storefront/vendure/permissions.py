"""What an administrator may do, by the names that the real server gives in `CurrentUser.channels`."""

_KINDS = """
Catalog Settings Administrator ApiKey Asset Channel Collection Country Customer CustomerGroup Facet Order
PaymentMethod Product Promotion ShippingMethod Tag TaxCategory TaxRate Seller StockLocation System Zone
"""
ALL = (
    *("Authenticated", "SuperAdmin", "UpdateGlobalSettings"),
    *(f"{deed}{kind}" for kind in _KINDS.split() for deed in ("Create", "Read", "Update", "Delete")),
)
ENUM = f"enum Permission {{ {' '.join(ALL)} }}"
"""The type's declaration, for the schemas of both APIs."""
