"""A second opinion on every topic: each module here solves its topic's questions from their text.

``solve(question) -> str`` reads the question as the agent sees it, computes the answer in another
way than the generator does (sympy, brute force, simulation), and returns it as an answer text.
"""
