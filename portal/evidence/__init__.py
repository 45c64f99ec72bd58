"""Photos and files: taken in, made harmless, kept by their hash, served through what they prove."""
