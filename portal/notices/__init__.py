"""Notices: what a person should know, said once, in the reader's language, never as an alarm."""
