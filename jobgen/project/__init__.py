"""Where things are: `[tool.jobgen]`, path patterns, and the project read once."""
