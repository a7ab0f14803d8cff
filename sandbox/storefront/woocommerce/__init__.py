"""A pretend shop that speaks WooCommerce's REST API v3, as 11.0 or 8.6 does, over the same books as the others."""
