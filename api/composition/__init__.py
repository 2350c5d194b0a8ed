"""Where ports meet adapters: builders for each part of the service."""
