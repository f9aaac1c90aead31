# SPDX-License-Identifier: LGPL-2.1-or-later
# Each exit status that `mdevctl --help` lists, with its message.
. /vm/lib.sh
modprobe mtty
scripts=/usr/lib/mdevctl/scripts.d/callouts
create=$parents/mtty/mdev_supported_types/mtty-1/create
on_mtty="device $U1 on mtty"

# script BODY: a script for devices of type mtty-2. $event and $action are set.
script() {
    mkdir -p $scripts
    printf '#!/bin/sh\n[ "$2" = mtty-2 ] || exit 2\nevent=$4 action=$6\n%s\n' \
        "$1" >$scripts/script
    chmod +x $scripts/script
}

# 1 and 2: other errors; the command line
fails 1 '*not-there: No such file or directory' \
    mdevctl start -p mtty --jsonfile not-there
for words in '' nosuch 'start --nosuch' 'start -u' 'stop -u not-a-uuid' \
    "define -u $U1"; do
    # shellcheck disable=SC2086 # words
    told mdevctl $words
    equal "mdevctl $words: status 2" "$status $stdout" '2 '
done

# 3, 4 and 5: not defined, not active, already defined or active
fails 3 "Device $U1 is not defined" mdevctl undefine -u $U1
fails 3 "Cannot modify device $U1: it is not defined" \
    mdevctl modify -u $U1 --auto
fails 3 "Cannot start device $U1: it is not defined*" mdevctl start -u $U1
fails 4 "Cannot stop device $U1: Device is not active" mdevctl stop -u $U1
silent mdevctl define -u $U1 -p mtty -t mtty-1
fails 5 "Cannot define $on_mtty: it is already defined with type mtty-1, start manual; *" \
    mdevctl define -u $U1 -p mtty -t mtty-1
fails 5 "Cannot start $on_mtty as mtty-2: it is defined with type mtty-1" \
    mdevctl start -u $U1 -p mtty -t mtty-2
silent mdevctl start -u $U1
fails 5 "Cannot start $on_mtty: Device already exists" mdevctl start -u $U1
modprobe mdpy
fails 5 "* Device exists under different parent 'mtty'" \
    mdevctl start -u $U1 -p mdpy -t mdpy-vga
silent mdevctl undefine -u $U1
fails 5 "* Device exists with different type 'mtty-1'" \
    mdevctl start -u $U1 -p mtty -t mtty-2
silent mdevctl stop -u $U1

# 6, 7 and 8: no parent, no type, no instance
fails 6 "* Unable to find parent device 'MTTY'. Did you mean 'mtty'?" \
    mdevctl start -u $U1 -p MTTY -t mtty-1
fails 6 "* Unable to find parent device 'nosuch'; the parents are mdpy, mtty" \
    mdevctl start -u $U1 -p nosuch -t mtty-1
fails 7 "* Parent mtty does not support mdev type nosuch; available types are \
mtty-1, mtty-2" mdevctl start -u $U1 -p mtty -t nosuch
for uuid in $U1 $U2 $U3 $U4; do mdevctl start -u $uuid -p mdpy -t mdpy-vga; done
fails 8 '* No available instances of mdpy-xga on mdpy' \
    mdevctl start -u $U5 -p mdpy -t mdpy-xga
for uuid in $U1 $U2 $U3 $U4; do mdevctl stop -u $uuid; done

# 9: a script refuses
script '[ $event != pre ] || { echo "No, never." >&2; exit 1; }'
told mdevctl start -u $U1 -p mtty -t mtty-2
like 'a script refuses: status 9' "$status $stdout$stderr" "9 *No, never.*
Error: Cannot start $on_mtty: callout script $scripts/script refused: *"
equal 'no device was started' "$(running)" ''

# 10: an invalid definition
mkdir -p /etc/mdevctl.d/mtty
echo '{"mdev_type": 1}' >/etc/mdevctl.d/mtty/$U1
fails 10 "* /etc/mdevctl.d/mtty/$U1: *" mdevctl start -u $U1
rm /etc/mdevctl.d/mtty/$U1

# 11: no permission
fails 11 "Cannot start $on_mtty: Cannot open for writing $create: Permission*" \
    su nobody -s /bin/sh -c "mdevctl start -u $U1 -p mtty -t mtty-1"
mdevctl start -u $U1 -p mtty -t mtty-1
fails 11 "Cannot stop device $U1: Cannot open for writing \
$devices/$U1/remove: Permission denied; are you root?" \
    su nobody -s /bin/sh -c "mdevctl stop -u $U1"
check 'all users may list devices' su nobody -s /bin/sh -c 'mdevctl list | grep -q mtty'
silent mdevctl stop -u $U1

# 12: a script exceeds its time
script '[ $event != pre ] || sleep 100'
MDEVCTL_SCRIPT_TIMEOUT=1
export MDEVCTL_SCRIPT_TIMEOUT
told mdevctl start -u $U1 -p mtty -t mtty-2
like 'a script exceeds its time' "$status $stdout$stderr" '12 *script did not finish within*'
unset MDEVCTL_SCRIPT_TIMEOUT

# 13: a partial failure
define_auto 2
mdevctl modify -u $U2 --addattr power/control --value sometimes
told mdevctl start-parent-mdevs mtty
like 'a partial failure' "$status $stdout$stderr" "13 Error: Cannot start device \
$U2 on mtty: Cannot write 'sometimes' to $devices/$U2/power/control: Invalid \
argument
Error: 1 of 2 devices of parent mtty could not be started"
equal 'the other device is active' "$(running)" $U1
silent mdevctl stop -u $U1

# 14: several definitions
silent mdevctl define -u $U1 -p mdpy -t mdpy-vga
fails 14 '*specify a parent with --parent: mdpy, mtty' mdevctl start -u $U1
silent mdevctl start -u $U1 -p mdpy
silent mdevctl stop -u $U1

# 15: no script supports live changes
rm $scripts/script
mdevctl start -u $U3 -p mtty -t mtty-1
echo '{"mdev_type": "mtty-1", "start": "manual", "attrs": []}' >live.json
fails 15 '*live update not supported*' \
    mdevctl modify -u $U3 -p mtty --live --jsonfile live.json
silent mdevctl stop -u $U3

# 16: the caller holds the lock
script '[ "$event $action" = "pre modify" ] || exit 0
    mdevctl define -u '$U5' -p mtty -t mtty-1
    echo "status $?" >/vm/scratch/inner'
mdevctl define -u $U4 -p mtty -t mtty-2
told mdevctl modify -u $U4 --auto
equal 'a script changes the definition that its caller changes' \
    "$(cat inner)" 'status 16'

# 17: interrupted
script '[ $event != pre ] || { : >/vm/scratch/begun; sleep 100; }'
mdevctl start -u $U4 2>interrupted &
eventually 'the script has begun' [ -e begun ]
kill -TERM $!
wait $!
equal 'interrupted' $? 17
like 'the error has the reason' "$(cat interrupted)" '*cancelled*'
equal 'no device is active' "$(running)" ''
