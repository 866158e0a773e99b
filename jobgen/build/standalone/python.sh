#!/bin/sh
# The interpreter of the program in this folder, for the processes that it starts.
folder=${0%/*}
export LD_LIBRARY_PATH="$folder/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
exec "$folder/@NAME@" --as-python "$@"
