"""Loaders for every data set that Mien trains on."""
