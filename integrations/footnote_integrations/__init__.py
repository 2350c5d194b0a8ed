"""Footnote as a retriever of other frameworks; import the module of yours.

``langchain``, ``llama_index`` and ``haystack`` each need the extra of that name.
"""
