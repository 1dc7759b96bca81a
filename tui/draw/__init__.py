"""Drawing without Textual: numbers, bars, axes and braille, as lines of text and role."""
