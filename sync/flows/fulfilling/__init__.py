"""What becomes of it: how far warehouses, suppliers and couriers are, laid on our lines and parcels."""
