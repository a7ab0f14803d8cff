"""What would be: plans, other rules and past days worked out from what is stored. Nothing here is written or sent."""
