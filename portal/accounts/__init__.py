"""People, their memberships, signing in and the second factor."""
