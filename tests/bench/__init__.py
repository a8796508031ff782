"""Measurements that anyone can repeat: ``npm run bench`` for all, ``npm run bench -- NAME`` for
some.
"""
