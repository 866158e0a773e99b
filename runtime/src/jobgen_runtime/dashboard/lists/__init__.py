"""Which jobs a list shows, in which order, and how many there are."""
