"""What shops show: listings, quantities, prices, states and content, worked out, guarded, and sent."""
