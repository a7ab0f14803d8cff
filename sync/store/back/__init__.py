"""The way back in the store: requests after the sale, cases with their goods, and what people refunded."""
