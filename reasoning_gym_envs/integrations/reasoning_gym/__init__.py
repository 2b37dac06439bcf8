"""The tasks of the package ``reasoning-gym``, as one environment.

The environment imports nothing of that package: it runs in a process of its own.

* ``environment.py``: :class:`~.environment.ReasoningGym`;
* ``tasks.py``: which tasks there are, which are refused, and the ladder of levels;
* ``process.py``: our end of the line to that process;
* ``worker.py``: the other end, which makes and scores problems.
"""
