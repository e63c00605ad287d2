#!/usr/bin/env bash
# Packs the benchmark for a machine with a GPU and nothing else: Deno, the bundled task, the Vulkan
# loader and the script that runs them. Needs Debian and network here; the other machine needs neither.
#
#   bash bench/pack_gpu.sh gpu-bench.tar.xz [step_torch.py]
#
# There: tar xf gpu-bench.tar.xz && bash gpu-bench/run.sh results
# A PyTorch peer, if given, is timed beside it: it is called as `python3 PEER CONFIG --device cuda`,
# with --amp for half precision, and prints a line of JSON.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
out=$(realpath -m "${1:?usage: pack_gpu.sh OUT.tar.xz [PEER.py]}")
peer=${2:+$(realpath "$2")}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
pack=$work/gpu-bench
mkdir -p "$pack/lib"

(cd "$root" && deno bundle --quiet --platform deno --output "$pack/bench.js" tasks/bench.ts)
cp "$(deno eval 'console.log(Deno.execPath())')" "$pack/deno"
cp "$root/bench/run_gpu.sh" "$pack/run.sh"
if [ -n "$peer" ]; then cp "$peer" "$pack/peer.py"; fi
(cd "$work" && apt-get download -qq libvulkan1 && dpkg -x libvulkan1_*.deb loader)
cp -L "$work"/loader/usr/lib/*/libvulkan.so.1 "$pack/lib/"

tar -C "$work" -c gpu-bench | xz -T0 >"$out"
echo "$out: $(du -h "$out" | cut -f1); there: tar xf $(basename "$out") && bash gpu-bench/run.sh results"
