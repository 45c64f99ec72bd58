"""Looking up checklists, plans, checks, reviews and records, by noun."""
