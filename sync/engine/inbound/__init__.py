"""What vendors send us unasked: a port that believes nobody, and a hint that outlives us."""
