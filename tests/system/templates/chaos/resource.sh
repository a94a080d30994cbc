# resource.sh make|remove ID FILE PAUSE JOURNAL
# The resource is the file, with its id in it. The journal gets a line before and one after.
set -eu
note() {
    printf '%s %s %s %s %s\n' "$1" "$2" "$3" "${CODER_WORKSPACE_BUILD_ID:-none}" "$PPID" >>"$4"
}
folder=$(dirname "$3")
if [ "$1" = make ]; then
    note making "$2" "$3" "$5"
    sleep "$4"
    mkdir -p "$folder"
    printf '%s' "$2" >"$3"
    note made "$2" "$3" "$5"
else
    note removing "$2" "$3" "$5"
    sleep "$4"
    rm -f "$3"
    if [ -d "$folder" ]; then rmdir --ignore-fail-on-non-empty "$folder"; fi
    note removed "$2" "$3" "$5"
fi
