"""Tables with labels, units and meanings, as CSV, JSON and Excel; whole answers as books of them."""
