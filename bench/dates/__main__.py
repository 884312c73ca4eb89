"""`python -m bench.dates year|rotation [options]`: one of the two measurements."""

import sys

from bench.dates import rotation, year

MEASUREMENTS = {"year": year.main, "rotation": rotation.main}

if __name__ == "__main__":
    name = sys.argv.pop(1) if len(sys.argv) > 1 else ""
    if name not in MEASUREMENTS:
        sys.exit(f"say which: {', '.join(MEASUREMENTS)}")
    MEASUREMENTS[name]()
