"""Workbooks: looked at before they are parsed, read in a process of their own, cleaned, marked, made as templates."""
