#!/usr/bin/env bash
# Both peers after the same minutes of training, with 1 and 5 labelled patients of ACDC's 80/20 split,
# those that seeds 0, 1 and 2 draw for deno task finetune too. Run it from the project's folder, on a
# machine that does nothing else; it goes on where it was stopped. PYTHON has nnunetv2, see README.md.
#
#   PYTHON=../peers/bin/python bash bench/peers/run.sh ../acdc runs/peers 10
set -euo pipefail
usage="usage: run.sh DATA OUT MINUTES"
data=${1:?$usage} out=${2:?$usage} minutes=${3:?$usage}
python=${PYTHON:-python3}
mkdir -p "$out"

# labelled PATIENTS SEED: whom the toolkit would train on, with commas between.
labelled() {
  deno task -q finetune --data "$data" --strategy scratch --patients "$1" --seed "$2" --dry-run --json |
    "$python" -c 'import json, sys; print(*json.load(sys.stdin)["patients"], sep=",")'
}

for patients in 1 5; do
  for seed in 0 1 2; do
    chosen=$(labelled "$patients" "$seed")
    for peer in unet_torch nnunet; do
      name=$out/$peer-$patients-$seed
      if [ -e "$name.json" ]; then continue; fi
      echo "$(date +%T) $name: $chosen"
      "$python" bench/peers/${peer}_acdc.py --data "$data" --split data/manifests/acdc-80-20.json \
        --labelled "$chosen" --minutes "$minutes" --seed "$seed" >"$name.part" 2>"$name.log" ||
        { tail -n 3 "$name.log"; exit 1; }
      mv "$name.part" "$name.json"
    done
  done
done
"$python" bench/peers/collect.py "$out"/*-[0-9].json >"$out/peers.json"
