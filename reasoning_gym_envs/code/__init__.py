"""Code: programs to write, to repair and to predict, judged in a sandbox."""
