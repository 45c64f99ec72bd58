"""What can be done with checklists, plans, checks, reviews and records, by noun."""
