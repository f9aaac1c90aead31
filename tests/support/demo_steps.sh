# SPDX-License-Identifier: LGPL-2.1-or-later
# What tests/demo.sh shows, in a system that has mdevctl and two parents.
set -eu
uuid=6eba5b41-176e-40db-b93e-7f18e04e0b93

step() {
    printf '\n\033[1m# %s\033[0m\n' "$1"
    shift
    printf '$ %s\n' "$*"
    "$@"
}

step "What can be divided here, and into what?" mdevctl types
step "Keep the definition of a small virtual GPU" \
    mdevctl define -u $uuid -p 0000:00:02.0 -t i915-GVTg_V5_8
step "It is kept, but does not run yet" mdevctl list --defined
step "Start it" mdevctl start -u $uuid
step "Now it runs" mdevctl list
step "Start it by itself whenever its parent appears" \
    mdevctl modify -u $uuid --auto
step "Write an attribute after every start" \
    mdevctl modify -u $uuid --addattr power/control --value on
step "The definition as libvirt reads it" \
    mdevctl list --defined --dumpjson
step "Stop it" mdevctl stop -u $uuid
step "What happens at boot, or when the driver is loaded" \
    mdevctl start-parent-mdevs 0000:00:02.0
step "It runs again" mdevctl list
step "Stop it for good" mdevctl stop -u $uuid
step "Forget it" mdevctl undefine -u $uuid
step "A mistake is explained" mdevctl start -u $uuid -p MTTY -t mtty-1 ||
    echo "(exit status $?)"
