"""What is made of recordings once they are whole: comparisons, exports, imports, pages."""
