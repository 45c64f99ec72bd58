"""What every package stands on: the database, reach, rights, life cycles, time.  It knows nothing of the trade."""
