"""What solutions in a class ``Solution`` find without importing it, as at LeetCode."""

SETUP = """\
from typing import *
from string import *
from re import *
from bisect import *
from collections import *
from copy import *
from functools import *
from heapq import *
from itertools import *
from math import *
from operator import *
from random import *
from builtins import *
import bisect, collections, copy, functools, heapq, itertools, math, operator, random, re, string
import sys, typing
"""
"""Run before the program. Where two modules have a name, the later one counts: ``Counter`` is that
of collections, ``pow`` the builtin, ``bisect`` and ``copy`` are modules."""
