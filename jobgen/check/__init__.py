"""`jobgen check`: find inconsistencies in a project, and the plan that fixes them."""
