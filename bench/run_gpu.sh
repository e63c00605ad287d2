#!/usr/bin/env bash
# Runs on the machine with the GPU, offline: S, M and L with our kernels and with tfjs's own, and
# PyTorch beside them where there is a peer. Writes a line of JSON for each into OUT.
#
#   bash run.sh OUT [CONFIG...]
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=${1:?usage: run.sh OUT [CONFIG...]}
shift
configs=("${@:-}")
[ -n "${configs[0]}" ] || configs=(S M L)
mkdir -p "$out"
export LD_LIBRARY_PATH="$here/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" NO_COLOR=1
export XDG_RUNTIME_DIR="${XDG_RUNTIME_DIR:-$(mktemp -d)}" DENO_DIR="$(mktemp -d)"

# Drivers in containers often come without the loader's usual entry.
if [ -z "${VK_DRIVER_FILES:-}" ]; then
  for icd in /usr/local/nvidia/share/vulkan/icd.d /usr/share/vulkan/icd.d /etc/vulkan/icd.d; do
    if [ -e "$icd/nvidia_icd.json" ]; then export VK_DRIVER_FILES="$icd/nvidia_icd.json"; break; fi
  done
fi

# run NAME SECONDS COMMAND...: keeps what it printed, and goes on when it fails.
run() {
  local name=$1 limit=$2
  shift 2
  echo "== $name"
  timeout -k 5 "$limit" "$@" >"$out/$name.json" 2>"$out/$name.log" ||
    echo "failed with exit code $? (124: after $limit s): $(tail -n 1 "$out/$name.log")"
  cut -c 1-400 "$out/$name.json"
}

# bench ARGUMENTS...: our benchmark; BENCH_ARGS adds to them, as "--batch 2 --steps 1" for a trial.
bench=("$here/deno" run --no-config --no-remote --no-prompt --allow-read
  --allow-env=XDG_RUNTIME_DIR "$here/bench.js" --backend webgpu --json)
read -ra extra <<<"${BENCH_ARGS:-}"

nvidia-smi --query-gpu=name,driver_version,clocks.sm --format=csv >"$out/gpu.csv" 2>/dev/null || true
for config in "${configs[@]}"; do
  run "$config-ours" 150 "${bench[@]}" --config "$config" "${extra[@]}"
  run "$config-ours-sample-first" 150 "${bench[@]}" --config "$config" --order sample-first \
    "${extra[@]}"
  run "$config-ours-mixed" 150 "${bench[@]}" --config "$config" --precision mixed "${extra[@]}"
  if [ -e "$here/peer.py" ]; then
    run "$config-torch" 120 python3 "$here/peer.py" "$config" --device cuda
    run "$config-torch-amp" 120 python3 "$here/peer.py" "$config" --device cuda --amp
  fi
  run "$config-tfjs" 150 "${bench[@]}" --config "$config" --steps 3 --tfjs-kernels "${extra[@]}"
done
echo "results in $out"
