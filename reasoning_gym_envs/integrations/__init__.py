"""Plugs to the field's tools, a file each. Importing a plug imports its package; nothing else does.

A plug is thin: :mod:`reasoning_gym_envs.dataset` has the rows and the scores under all of them.
"""
