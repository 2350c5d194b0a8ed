"""What a document holds that somebody should know of, and what is done about it before it is read.

``index.detectors`` finds; here it is decided: kept, masked, or held in quarantine for a curator.
"""
