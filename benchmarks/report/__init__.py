"""What was found, for machines (JSON), for the eye (SVG) and for readers (Markdown)."""
