#!/bin/sh
# Prints the statements that put the deployment's SQL, file by file, into the member table deployment_part.
# A file's directory says in which of the three schemas its objects belong.
set -eu
cd "$(dirname "$0")"
# In order of the file name's number, whatever the directory.
for file in $(find . -name "[0-9]*.sql" | sed "s,^\./,," | awk -F/ '{ print $NF, $0 }' | LC_ALL=C sort | cut -d" " -f2); do
    case $file in
        bi/*)     floor=bi ;;
        public/*) floor=public ;;
        *)        floor=engine_room ;;
    esac
    position=$((${position:-0} + 1))
    printf 'INSERT INTO deployment_part VALUES (%d, %s, %s, $deployment_part$\n' "$position" "'$floor'" "'$(basename "$file" .sql)'"
    cat "$file"
    printf '$deployment_part$);\n'
done
