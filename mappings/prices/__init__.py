"""What a listing costs on a shop: rates, fees, formulas, bounds, rounding and promotions, compiled and worked out."""
