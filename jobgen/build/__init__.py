"""`jobgen build`: the application and all that it needs, in one executable file."""
