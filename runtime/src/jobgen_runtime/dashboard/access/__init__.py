"""Who is let in, what they may do, and what no page shows."""
