"""Areas and organisations: where things are, and which bodies stand there."""
