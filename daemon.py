"""The door: `python daemon.py ...` and the console script `entrepot ...` are the same program."""

from sync.cli.app import main

__all__ = ["main"]

if __name__ == "__main__":
    main()
