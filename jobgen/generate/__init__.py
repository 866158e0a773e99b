"""The generators: one module for each, and the table that lists them.

To add a generator, write `generate/NAME.py` with a function `make_plan`, add an entry to
`generate/table.py`, put its templates into `templates/NAME/`, and test it in `tests/generate/`.
"""
