"""Columns given on the command line: `band:references priority:int note:text?`."""
