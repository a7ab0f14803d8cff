"""What customers are told: planned where an order is decided on, sent by a flow of its own."""
