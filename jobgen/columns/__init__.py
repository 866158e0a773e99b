"""Parses columns on the command line: `band:references pages:int note:text?`."""
