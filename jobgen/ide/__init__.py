"""`jobgen ide`: the generator and the project's jobs as pages in a browser."""
