# Sets $python to a Python that is new enough. Sourced by ./run and ./test, in the project folder.
# Each candidate is tried out: a name on PATH may lead nowhere (version managers, broken links).
python=
for candidate in .venv/bin/python python3 python3.13 python3.12 python3.11 python3.14 python; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    echo "需要 Python 3.11 以上版本，但這台電腦上找不到。" \
        "Python 3.11 or newer is needed, and none was found on PATH." >&2
    exit 1
fi
