#!/bin/sh
# One daily run (make daily) under a lock and a time limit, for cron and systemd.
#
# Settings come from the environment; deploy/README.md lists them. With
# CLOUDTRAIL_LOG_DIR the run writes a log file there and prints it only after a
# failure, so that cron mails failures alone; without it the run prints at once.
# Exit codes: 75 if another run has the lock, 124 or 137 after the time limit, else
# that of make.
set -u

project=$(cd "$(dirname "$0")/.." && pwd) || exit 1
lock=${CLOUDTRAIL_LOCK:-$project/logs/daily.lock}
log_dir=${CLOUDTRAIL_LOG_DIR:-}
# Of timeout(1); a day's logs take minutes.
limit=${CLOUDTRAIL_TIME_LIMIT:-6h}

mkdir -p "$(dirname "$lock")" || exit 1
exec 9>>"$lock" || exit 1
if ! flock -n 9; then
    echo "cloudtrail_s3: another run has $lock; this one leaves." >&2
    exit 75
fi

daily() {
    # Those who started the run may be gone: what it leaves behind keeps the lock.
    timeout --kill-after=1m "$limit" \
        make --no-print-directory -C "$project" daily
}

if [ -z "$log_dir" ]; then
    daily
    exit
fi

mkdir -p "$log_dir" || exit 1
log=$log_dir/$(date -u +%Y-%m-%dT%H%M%SZ).log
daily >"$log" 2>&1
code=$?
if [ "$code" -ne 0 ]; then
    echo "cloudtrail_s3: the daily run failed with exit code $code; $log:" >&2
    cat "$log" >&2
fi
find "$log_dir" -name '*Z.log' -mtime +30 -exec rm -f {} +
exit "$code"
