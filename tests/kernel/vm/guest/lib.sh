# SPDX-License-Identifier: LGPL-2.1-or-later
# Functions for the cases. Results are sent to the host. The output of commands
# is shown only if the case fails.
U1=11111111-2222-3333-4444-555555555501
U2=11111111-2222-3333-4444-555555555502
U3=11111111-2222-3333-4444-555555555503
U4=11111111-2222-3333-4444-555555555504
U5=11111111-2222-3333-4444-555555555505
devices=/sys/bus/mdev/devices
parents=/sys/class/mdev_bus
mkdir -p /vm/scratch
cd /vm/scratch || exit 1

pass() { echo "ok - $*" >&3; }

# fail WHAT [DETAIL]...: reports a failure. Each detail is on a line of its own.
fail() {
    echo "not ok - $1" >&3
    : >/vm/scratch/failed
    shift
    for detail; do echo "$detail" | sed 's/^/# /' >&3; done
}

# check WHAT COMMAND...: checks that the command succeeds.
check() {
    check_what=$1
    shift
    if check_output=$("$@" 2>&1 </dev/null); then
        pass "$check_what"
    else
        fail "$check_what" "$*: $?" "$check_output"
    fi
}

# equal WHAT ACTUAL EXPECTED: checks that two texts are equal.
equal() {
    if [ "$2" = "$3" ]; then
        pass "$1"
    else
        fail "$1" "expected: $3" "but got:  $2"
    fi
}

# like WHAT ACTUAL PATTERN: checks that a text matches a shell pattern.
like() {
    # shellcheck disable=SC2254 # $3 is a pattern
    case $2 in
        $3) pass "$1" ;;
        *) fail "$1" "expected: $3" "but got:  $2" ;;
    esac
}

# told COMMAND...: runs the command, and sets $status, $stdout and $stderr.
told() {
    status=0
    "$@" >out 2>err </dev/null || status=$?
    stdout=$(cat out)
    stderr=$(cat err)
}

# prints TEXT COMMAND...: checks that the command prints exactly this text, with
# nothing on stderr and exit status 0.
prints() {
    expected=$1
    shift
    told "$@"
    equal "$*" "$status $stdout$stderr" "0 $expected"
}

# silent COMMAND...: checks that the command prints nothing.
silent() { prints '' "$@"; }

# fails STATUS MESSAGE COMMAND...: checks the exit status, and the text on
# stderr after "Error: ", which is a pattern.
fails() {
    expected="$1 Error: $2"
    shift 2
    told "$@"
    like "$*: status ${expected%% *}" "$status $stdout$stderr" "$expected"
}

# eventually WHAT COMMAND...: checks that the command succeeds within a minute,
# because emulated machines are slow.
eventually() {
    eventually_what=$1
    shift
    for eventually_try in $(seq 300); do
        if "$@" >/dev/null 2>&1; then
            pass "$eventually_what"
            return
        fi
        sleep 0.2
    done
    fail "$eventually_what" "gave up after $eventually_try times: $*"
    return 1
}

# now: prints the hundredths of a second since the boot.
now() { cut -d' ' -f1 /proc/uptime | tr -d .; }

# instances PARENT TYPE: prints the number of available instances.
instances() { cat "$parents/$1/mdev_supported_types/$2/available_instances"; }

# running: prints the UUIDs of the active devices on one line, sorted.
running() {
    [ ! -d "$devices" ] || (cd "$devices" && echo *) | sed 's/^[*]$//'
}

# define_auto COUNT [PARENT [TYPE]]: defines devices with autostart: ...501,
# ...502 and so on.
define_auto() {
    for define_number in $(seq "$1"); do
        mdevctl define --auto -p "${2-mtty}" -t "${3-mtty-1}" \
            -u "11111111-2222-3333-4444-55555555550$define_number"
    done
}

# hold_open UUID|ADDRESS: the process $holder opens the device through vfio.
hold_open() {
    modprobe vfio_iommu_type1
    hold "$1" >held 2>&1 &
    holder=$!
    eventually "device is held open" grep -q held held
}

# watch_events: from now on, `started` counts the starts of devices.
watch_events() {
    udevadm monitor --kernel --subsystem-match=mdev >events 2>&1 &
    watcher=$!
    until grep -q '^KERNEL' events; do sleep 0.1; done
}

# started UUID: prints how often the device was started. Other events of a
# device may be replays.
started() { grep -c "bind .*/$1 (mdev)" events; }

# start_udev: starts systemd's udevd without systemd, with our rules for this.
start_udev() {
    # A local prefix puts the rules for systemd in this directory. Replace them.
    mkdir -p /etc/udev/rules.d
    cp /vm/60-mdevctl-without-systemd.rules /etc/udev/rules.d/60-mdevctl.rules
    /usr/lib/systemd/systemd-udevd --daemon
    udevadm control --log-level=info
}

# In the guest with systemd:

# mark_journal: from now on, `journal` shows only later messages.
mark_journal() {
    journalctl --sync
    since=$(date +@%s.%N)
}

# journal PRIORITY: prints the messages with this priority or above, without
# those of the kernel.
journal() {
    journalctl --sync
    journalctl --since="$since" -q -p "$1" -o cat \
        _TRANSPORT=stdout + _TRANSPORT=syslog + _TRANSPORT=journal 2>&1
}

# unit_of PATH: prints the unit that starts the devices of this parent in
# /sys/devices.
unit_of() {
    systemd-escape --path --template=mdevctl-start-parent@.service \
        "/sys/devices/$1"
}

# is UNIT STATE: whether the unit has this state.
is() { [ "$(systemctl is-active "$1")" = "$2" ]; }
