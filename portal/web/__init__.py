"""How the portal speaks HTTP: areas, the gate, forms, pages.  No word of the trade."""
