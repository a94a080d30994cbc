# Starts the agent in the background, in a session of its own, and notes which process it is.
set -eu
umask 077
# An agent that is still there belongs to a build that broke off.
sh "$BERTH_SCRIPTS/stop.sh"
printf '%s\n' "$BERTH_INIT" > "$BERTH_RUN/agent.sh"

# Nothing of the build is meant for the workspace.
for name in $(env | sed -n 's/^\(\(CODER\|TF\)_[A-Za-z0-9_]*\)=.*/\1/p') CHECKPOINT_DISABLE; do
    unset "$name"
done
export CODER_AGENT_TOKEN="$BERTH_TOKEN" HOME="$BERTH_HOME" BINARY_DIR="$BERTH_RUN" LOGNAME="$BERTH_USER"
# Everything the agent starts inherits this mark, and stop.sh finds it by that.
export BERTH_WORKSPACE="$BERTH_RUN"
unset BERTH_TOKEN BERTH_INIT BERTH_HOME BERTH_USER BERTH_SCRIPTS

cd "$HOME"
setsid sh -c 'echo $$ > "$1/pid.new" && mv "$1/pid.new" "$1/pid" && exec sh "$1/agent.sh"' sh "$BERTH_RUN" \
    < /dev/null > "$BERTH_RUN/agent.log" 2>&1 &

tries=0
until test -s "$BERTH_RUN/pid"; do
    tries=$((tries + 1))
    if test "$tries" -gt 100; then
        echo "The agent's process did not start; see $BERTH_RUN/agent.log" >&2
        exit 1
    fi
    sleep 0.05
done
echo "The agent runs as process $(cat "$BERTH_RUN/pid"); its log is $BERTH_RUN/agent.log"
