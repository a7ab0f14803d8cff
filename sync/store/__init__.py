"""The store: every table, every query and every migration. All SQL of the product is in this room."""
