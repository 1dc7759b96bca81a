#!/usr/bin/env bash
# Makes the pictures of README and docs anew, from the recordings of H200s in tests/data.
# PYTHON names the interpreter; the first argument another folder than docs/pictures.
set -euo pipefail
cd "$(dirname "$0")/.."
out=${1:-docs/pictures}
mkdir -p "$out"

shot() { # NAME TP AT_S COLUMNS LINES THEME KEYS
  "${PYTHON:-python3}" scripts/screenshot.py "tests/data/recordings/h200-llama-3.1-8b-tp$2.rooftop.gz" \
    "$out/$1.svg" "${@:3}"
}

shot h200 1 70 160 45 rooftop-dark
shot roofline 1 70 160 45 rooftop-dark v
shot requests 1 70 150 42 rooftop-dark 2
shot gpus 4 36 150 42 rooftop-dark 3
shot regime 1 70 160 45 rooftop-dark 4
shot levels 1 70 150 36 rooftop-dark 5,s
shot events 1 70 120 30 rooftop-dark 6
shot maximised 1 70 120 32 rooftop-dark 4,x,x,x
shot small 1 40 80 24 rooftop-light 4
