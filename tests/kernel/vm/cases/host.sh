# SPDX-License-Identifier: LGPL-2.1-or-later
# A real kernel gets the state of a state file: with names of devices and types,
# a second time, with another parent, and without devices.
. /vm/lib.sh
modprobe mtty
cat >host.json <<'END'
{"version": 1, "devices": [
  {"name": "console", "parent": "/sys/class/mdev_bus/mtty",
   "type": "Single port serial", "start": "auto"},
  {"name": "spare", "parent": "mtty", "type": "Dual port serial"}
]}
END
console=70c70ce8-0b99-56b1-a83f-8394814dcd7d
told mdevctl diff host.json --start
equal 'diff finds three changes' "$status $(echo "$stdout" | wc -l)" '20 3'
told mdevctl apply host.json --start
equal 'apply makes the changes' "$status$stderr $(echo "$stdout" | wc -l)" '0 3'
prints 'Nothing to change' mdevctl apply host.json --start
prints "$console mtty mtty-1 auto (defined)" mdevctl list
equal 'two devices are defined' "$(mdevctl list -d | wc -l)" 2
mdevctl export >exported.json
prints "stop $console mtty mtty-1" mdevctl stop --all
prints "start $console mtty mtty-1" mdevctl apply exported.json --prune --start
prints 'Nothing to change' mdevctl apply exported.json --prune --start
echo '{"version": 1, "devices": []}' >nothing.json
told mdevctl apply nothing.json --prune --start
equal 'all devices and definitions are removed' \
    "$status$(mdevctl list)$(mdevctl list -d)" 0
