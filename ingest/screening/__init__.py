"""Screen a document before anybody reads it: record, mask or hold back what detectors find.

``index.detectors`` finds; this package decides: keep, mask, or quarantine for a curator.
"""
