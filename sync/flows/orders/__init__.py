"""What was bought: orders taken in, decided on, held, placed with who has the goods, and given to a courier."""
