"""`jobgen check`: what is out of step in a project, and the plan that mends it."""
