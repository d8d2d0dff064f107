#!/bin/sh
# Record real lock files into testdata/locks: sh record.sh. It needs uv, pip 25.1 or
# later, pipenv, and INDEX, the address of the package index; addresses in what they
# write are replaced.
set -eu
out=$(cd "$(dirname "$0")/locks" && pwd)
dir=$(mktemp -d)
cd "$dir"

cat > pyproject.toml <<'EOF'
[project]
name = "demo"
version = "0.1.0"
requires-python = ">=3.11,<3.13"
dependencies = ["keras==3.12.0; python_version < '3.12'", "keras==3.15.1; python_version >= '3.12'"]
EOF
uv lock -q
uv export -q --format pylock.toml -o pylock.uv.toml
uv export -q -o exported.txt
echo 'keras==3.12.4' > requirements.in
uv pip compile -q --generate-hashes --universal --python-version 3.11 requirements.in -o requirements.txt
pip lock -q keras==3.12.4 -o pylock.toml
python3 -m venv venv && venv/bin/pip install -q --no-deps keras==3.12.4 h5py==3.14.0 && venv/bin/pip freeze > freeze.txt

cat > Pipfile <<EOF
[[source]]
url = "$(pip config get global.index-url 2>/dev/null || echo "$INDEX")"
verify_ssl = true
name = "pypi"
[packages]
keras = "==3.12.4"
[dev-packages]
h5py = {version = ">=3.10", markers = "python_version < '3.13'"}
[requires]
python_version = "3.12"
EOF
pipenv lock

for f in uv.lock pylock.uv.toml exported.txt requirements.txt pylock.toml freeze.txt Pipfile.lock; do
	sed -E 's#https?://[^/" ]+#https://example.org#g' "$f" > "$out/$f"
done
