"""Text as the index sees it: analysis, languages, sentences, content terms."""
