"""The reference pages, one module a page or two, made from the code."""

NOTE = "<!-- Made by `python docs/generate.py`. Change the code, then run it again. -->\n"
