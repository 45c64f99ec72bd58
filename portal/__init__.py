"""The market co-governance portal: departments guide, communities watch, market companies keep their own house."""
