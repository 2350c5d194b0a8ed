"""Every entry point (HTTP, command line, worker) and the only place where parts are wired."""
