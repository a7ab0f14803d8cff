"""What there is: the figures of warehouses and the lists of suppliers, and those of them that wait to be believed."""
