#!/bin/sh
# Regenerate the code of the protobuf wire. The generator is pinned, in an environment of its own: what it writes runs on
# the protobuf release it belongs to and all later ones of that and the next major version, so an old one serves most.
set -eu
cd "$(dirname "$0")/.."

generator=grpcio-tools==1.76.0
venv=build/proto-venv
python=$venv/bin/python

if [ "$(cat "$venv/.installed" 2>/dev/null)" != "$generator" ]; then
    echo "Installing $generator into $venv …"
    .venv/bin/python -m venv --clear "$venv"
    "$python" -m pip install -qq --disable-pip-version-check --no-input "$generator"
    printf '%s' "$generator" >"$venv/.installed"
fi
"$python" -m grpc_tools.protoc -I src --python_out=src --pyi_out=src src/reactor_runtime/wire/reactor_wire_v1.proto
echo "Wrote src/reactor_runtime/wire/reactor_wire_v1_pb2.py and .pyi"
