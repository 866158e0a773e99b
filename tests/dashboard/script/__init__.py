"""What the script of the dashboard's pages does. A package, so that its tests share one browser."""
