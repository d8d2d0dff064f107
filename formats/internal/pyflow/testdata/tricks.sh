#!/bin/sh
# Compiles tricks.txt with every Python that is here; see tricks.py.
cd "$(dirname "$0")" || exit 1
for v in 2.7 3.6 3.8 3.10 3.11 3.12 3.13; do
	"python$v" tricks.py tricks.txt "tricks-$v.txt" || exit 1
done
