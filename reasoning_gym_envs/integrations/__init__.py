"""Plugs to the field's tools, a file each; importing one imports its package, and nothing else does.

A plug is thin: :mod:`reasoning_gym_envs.dataset` has the rows and the scores under all of them.
"""
