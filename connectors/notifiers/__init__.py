"""Ways to customers besides their shop."""
