"""Connectors: places beyond folders and URLs that documents are kept in step with.

A connector lists what is in a place and opens one file of it. It never writes there. To add one,
implement ``Connector`` (two methods), name it in ``api/composition/connectors.py``, and pass the
shared test in ``tests/contracts/test_connectors.py``.
"""
