# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck disable=SC2016 # for eval
# The session of tests/demo.sh and doc/demo.svg, on a system with mdevctl and two
# parents.
set -eu

step() {
    printf '\n\033[1m# %s\033[0m\n' "$1"
    printf '%s\n' "$2" | sed 's/^/$ /'
    eval "$2"
}

step "List the parents and the types that they offer" 'mdevctl types'
step "Store the definition of a small virtual GPU" \
    'UUID=6eba5b41-176e-40db-b93e-7f18e04e0b93
mdevctl define -u $UUID -p 0000:00:02.0 -t i915-GVTg_V5_8'
step "Start the device, and list the active devices" \
    'mdevctl start $UUID && mdevctl list'
step "Start the device whenever its parent appears" \
    'mdevctl modify -u $UUID --auto'
step "Write an attribute at each start" \
    'mdevctl modify -u $UUID --addattr power/control --value on'
step "Stop the device" 'mdevctl stop $UUID'
step "At boot, a systemd unit runs this command" \
    'mdevctl start-parent-mdevs 0000:00:02.0'
step "List active and defined devices" 'mdevctl list --all'
step "Stop all devices, and remove the definition" \
    'mdevctl stop --all && mdevctl undefine -u $UUID'
step "Errors suggest a correction" \
    'mdevctl start -u $UUID -p 0000:00:02 -t i915-GVTg_V5_8 || echo $?'
