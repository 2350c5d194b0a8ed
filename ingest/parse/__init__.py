"""Files to text with structure: one function a type, chosen by what the file holds."""
