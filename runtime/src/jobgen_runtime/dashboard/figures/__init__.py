"""Figures over time: how many jobs were created, how they ended, and how long they took."""
