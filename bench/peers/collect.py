"""Joins the outcomes of the peers into one JSON file on standard output, and shows their mean Dice.

    python3 bench/peers/collect.py runs/peers/*-[0-9].json > docs/results/peers.json
"""
import json, statistics, sys
from pathlib import Path


def table(rows):
    """A line for each peer and number of labelled patients: the mean Dice and its deviation over seeds."""
    groups = {}
    for row in rows:
        groups.setdefault((row["peer"], len(row["labelled"])), []).append(row["dice"]["mean"])
    for (peer, patients), dice in sorted(groups.items()):
        spread = statistics.stdev(dice) if len(dice) > 1 else 0
        yield f"{peer:14} {patients:3} labelled  {statistics.mean(dice):.3f} ± {spread:.3f}  {len(dice)} seeds"


def main():
    rows = [json.loads(Path(path).read_text()) for path in sys.argv[1:]]
    print(json.dumps({"schema": "pix2rep.peers/1", "dataset": "acdc", "rows": rows}, indent=2))
    print(*table(rows), sep="\n", file=sys.stderr)


if __name__ == "__main__":
    main()
