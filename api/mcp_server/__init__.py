"""The service for assistants: the Model Context Protocol over HTTP and over stdio."""
