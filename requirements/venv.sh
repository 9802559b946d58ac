#!/bin/sh
# Make the virtual environment given as $1 with the first Python that is new enough, or say what is missing.
set -e
venv=$1
for python in "$PYTHON" python3 python3.13 python3.12 python3.11; do
    if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        found=$python
        break
    fi
done
if [ -z "$found" ]; then
    echo "Python 3.11 of later is nodig, en hier is: $("$PYTHON" --version 2>/dev/null || echo geen)."
    echo "Installeer een nieuwere Python, of wijs er een aan: make setup PYTHON=/pad/naar/python3.13"
    echo "(Python 3.11 or later is needed.)"
    exit 1
fi
if ! "$found" -c 'import venv, ensurepip' 2>/dev/null; then
    echo "$("$found" --version) kan geen virtuele omgeving maken: venv of ensurepip ontbreekt."
    echo "Op Debian en Ubuntu: apt install python3-venv. (The module venv or ensurepip is missing.)"
    exit 1
fi
"$venv/bin/python" -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || "$found" -m venv --clear "$venv"
touch "$venv/.python"
