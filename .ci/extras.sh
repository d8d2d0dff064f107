#!/usr/bin/env bash
# Writes what a package holds beside the program: completions and man pages.
#
#   extras.sh KERASVET DIRECTORY
set -euo pipefail
kerasvet=$1
dir=$2
rm -rf "$dir"
mkdir -p "$dir/completions" "$dir/man"
"$kerasvet" completion bash > "$dir/completions/kerasvet.bash"
"$kerasvet" completion zsh > "$dir/completions/_kerasvet.zsh"
"$kerasvet" completion fish > "$dir/completions/kerasvet.fish"
"$kerasvet" completion powershell > "$dir/completions/kerasvet.ps1"
"$kerasvet" man "$dir/man"
