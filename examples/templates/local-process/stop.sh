# Ends the agent and everything it started: first the agent alone, politely, so that its shutdown scripts run; when it
# has ended, or after five seconds, the rest politely; after ten seconds everything by force.
set -eu
pid=$(cat "$BERTH_RUN/pid" 2>/dev/null || true)
case $pid in
    *[!0-9]*) echo "$BERTH_RUN/pid does not hold a process id" >&2; exit 1 ;;
esac

# Processes are known by the mark that start.sh put into their environment, not by the noted number alone: after a
# reboot that can be somebody else's.
marked() {
    grep -lzxF "BERTH_WORKSPACE=$BERTH_RUN" /proc/[0-9]*/environ 2>/dev/null | cut -d/ -f3 || true
}

signal_all() {
    for process in $(marked); do kill -s "$1" "$process" 2>/dev/null || true; done
}

group=
if test -n "$pid" && marked | grep -qxF "$pid"; then
    # Of the agent's own group also what hides its environment is ours.
    group=$pid
    kill -s TERM "$pid" 2>/dev/null || true
fi
tries=0
asked=
while processes=$(marked) && test -n "$processes"; do
    tries=$((tries + 1))
    # What the agent leaves behind when it ends, and what it could not end in time.
    if test -z "$asked" && { test "$tries" -gt 50 || ! echo "$processes" | grep -qxF "$pid"; }; then
        asked=yes
        signal_all TERM
    fi
    test "$tries" -lt 100 || signal_all KILL
    if test "$tries" -ge 200; then
        echo "Some processes of the workspace do not end" >&2
        exit 1
    fi
    sleep 0.1
done
if test -n "$group"; then kill -s KILL -- "-$group" 2>/dev/null || true; fi
rm -f "$BERTH_RUN/pid"
