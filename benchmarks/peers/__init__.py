"""The same targets written by hand, as a good analyst would in each library.

Each module's `ready` puts the cases in the form its library likes best, which is not timed, and
returns the question, which is.
"""
