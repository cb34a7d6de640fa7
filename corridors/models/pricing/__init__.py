"""Pricing: the cheapest path of every demand at given prices of the resources."""
