"""The launcher behind ``osmen.py``: installing, preparing a home, running the processes, testing and diagnosing.

Standard library only and nothing of ours imported, because it runs before anything is installed. It knows Django
only as commands to start; what those commands do is theirs.
"""
