"""Starting prices from a barrier in the prices of the resources alone."""
