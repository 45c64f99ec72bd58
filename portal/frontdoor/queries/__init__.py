"""What a code opens, as far as whoever holds it may know."""
