"""What is wrong with rules that each fit their description: across sections, across files, and beside stored data."""
