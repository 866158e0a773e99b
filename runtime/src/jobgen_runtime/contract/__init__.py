"""The states, outcomes, errors and context that all parts of the runtime share.

Import a name from the module that defines it. No module here imports another package.
"""
