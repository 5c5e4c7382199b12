#!/bin/sh
# Makes FOLDER (default: build/grf), a virtual environment with Google Research Football, built from its source:
#
#   make grf                          # or: deploy/grf.sh
#   make grf TIZERO=path/to/actor.pt  # and TiZero's weights beside it, as safetensors
#
# About twelve minutes of one core. What it needs of the system is looked for first, and what is missing is named.
set -eu
folder=${1:-build/grf}
weights=${2:-}
here=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
python=${PYTHON:-python3}

missing=""
need() { missing="$missing $1"; }
has_header() { printf '#include <%s>\nint main() { return 0; }\n' "$1" | c++ -E -x c++ - >/dev/null 2>&1; }
command -v c++ >/dev/null 2>&1 || need g++
command -v cmake >/dev/null 2>&1 || need cmake
command -v make >/dev/null 2>&1 || need make
if command -v c++ >/dev/null 2>&1; then
    has_header GL/gl.h || need libgl1-mesa-dev
    has_header SDL2/SDL.h || need libsdl2-dev
    has_header SDL2/SDL_image.h || need libsdl2-image-dev
    has_header SDL2/SDL_ttf.h || need libsdl2-ttf-dev
    has_header SDL2/SDL2_gfxPrimitives.h || need libsdl2-gfx-dev
    has_header boost/python/version.hpp || has_header boost/version.hpp || need libboost-all-dev
fi
if [ -n "$missing" ]; then
    echo "Google Research Football cannot be built yet; missing:$missing (Debian: apt-get install$missing)" >&2
    exit 2
fi

if [ ! -f "$folder/ready" ]; then
    rm -rf "$folder"
    "$python" -m venv "$folder"
    echo "building Google Research Football into $folder: about twelve minutes" >&2
    # Its build asks the first Python of the path for psutil, and the engine for a screen.
    PATH="$(CDPATH= cd -- "$folder/bin" && pwd):$PATH"
    SDL_VIDEODRIVER=dummy
    export PATH SDL_VIDEODRIVER
    python -m pip install --quiet 'setuptools<81' wheel psutil six 'numpy<2' safetensors
    python -m pip install --quiet --no-build-isolation gfootball==2.10.2 gym==0.25.2
    touch "$folder/ready"
fi
if [ -n "$weights" ]; then
    converter="$here/.venv/bin/python"
    "$converter" -c 'import torch' 2>/dev/null || {
        echo "reading $weights takes PyTorch: make trainer" >&2
        exit 2
    }
    PYTHONPATH="$here/src" "$converter" -m wunderkammer.worlds.grf.weights "$weights" "$folder/tizero.safetensors"
fi
echo "$folder/bin/python"
