"""The documentation: pages by hand, and what is generated from the code."""
