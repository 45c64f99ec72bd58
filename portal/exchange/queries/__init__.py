"""Looking up what came in and what goes out, by subject."""
