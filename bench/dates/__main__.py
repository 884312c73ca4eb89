"""`python -m bench.dates year|rotation|places [options]`: one of the measurements."""

import sys

from bench.dates import places, rotation, year

MEASUREMENTS = {"year": year.main, "rotation": rotation.main, "places": places.main}

if __name__ == "__main__":
    name = sys.argv.pop(1) if len(sys.argv) > 1 else ""
    if name not in MEASUREMENTS:
        sys.exit(f"say which: {', '.join(MEASUREMENTS)}")
    MEASUREMENTS[name]()
