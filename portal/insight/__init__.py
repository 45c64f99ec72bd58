"""Insight: what those above see of many markets at once, and what auditors see of the portal itself."""
