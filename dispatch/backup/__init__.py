"""Backups: everything of a centre that cannot be made again, in a folder that can be checked.

    manifest    what a backup says of itself; names that may stand in it
    contents    what of the data folder, and of what the settings name, is taken
    files       copying, linking and hashing plain files, and what a full disk does
    make        one backup, beside a hub that runs
    shelf       the backups that a folder has: which are whole, the newest, those to drop
    check       whether a backup is as it says
    restore     puts one into an empty data folder
    command     yihu backup, yihu restore

How the databases themselves are copied: store/copying.py and store/dumping.py.
"""
