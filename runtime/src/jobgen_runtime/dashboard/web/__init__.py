"""Requests, addresses and responses."""
