"""What can be done with people, their sessions and their proofs, split by noun."""
