"""One module and one .kv for each screen: the module turns State into words and numbers, the .kv says where they stand.

Begin with `view.py`, what every screen is. Things with a focus stand where `core.pages` says.
"""
