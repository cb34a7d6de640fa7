"""Shippers who choose by probability, and places that crowd, under hard capacities."""
