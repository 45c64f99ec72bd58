"""The daily self-check: what is to be looked at, when, by whom, what was found, and who confirmed it."""
