"""Code: programs to write, to mend and to predict, judged in a sandbox."""
