"""The demonstration: four invented markets and their days, told through operations alone."""
