"""PDF: text layer, lines, columns, tables, layout."""
