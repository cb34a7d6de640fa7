"""Parameters estimated from counts: how an answer responds, what was believed, and how sure the estimate is."""
