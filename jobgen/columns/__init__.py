"""Parses columns on the command line: `band:references priority:int note:text?`."""
