"""The page of the charts: jobs over time, and how long they waited and took."""
