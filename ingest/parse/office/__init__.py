"""Word processor, spreadsheet and presentation files."""
