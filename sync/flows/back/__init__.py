"""The way back: requests after the sale, what comes back, and the money for it."""
