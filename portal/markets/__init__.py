"""Markets: their zones, stalls, vendors, papers and posts."""
