"""The front door: pages that open without an account, by a code that somebody holds in his hand."""
