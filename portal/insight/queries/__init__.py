"""Looking at many markets at once, at the journal, at who read what, and at the portal's own health."""
