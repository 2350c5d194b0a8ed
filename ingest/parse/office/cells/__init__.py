"""Cells of spreadsheets: number formats, merged and hidden places."""
