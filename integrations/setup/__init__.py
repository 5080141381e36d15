"""The pages on which an administrator sets an OAuth app up. What is checked and stored is ``app_setup``'s and
``doctor``'s; these pages ask the network for nothing.
"""
