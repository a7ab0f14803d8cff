"""A pretend shop that speaks Medusa 2.18.0's Admin and Store APIs, over the same books as the other shops."""
