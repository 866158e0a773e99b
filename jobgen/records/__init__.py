"""Tables to typed records: the text of Generated/Types.py."""
