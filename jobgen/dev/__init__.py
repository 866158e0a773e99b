"""`jobgen dev`: what a project needs to run while it is written."""
