# SPDX-License-Identifier: LGPL-2.1-or-later
# Words for the cases. What they find out goes to the host; what commands print
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

# fail WHAT [DETAIL]...: the details are lines of their own.
fail() {
    echo "not ok - $1" >&3
    : >/vm/scratch/failed
    shift
    for detail; do echo "$detail" | sed 's/^/# /' >&3; done
}

# check WHAT COMMAND...: whether it succeeds.
check() {
    check_what=$1
    shift
    if check_output=$("$@" 2>&1 </dev/null); then
        pass "$check_what"
    else
        fail "$check_what" "$*: $?" "$check_output"
    fi
}

# equal WHAT ACTUAL EXPECTED
equal() {
    if [ "$2" = "$3" ]; then
        pass "$1"
    else
        fail "$1" "expected: $3" "but got:  $2"
    fi
}

# like WHAT ACTUAL PATTERN: a shell's pattern.
like() {
    # shellcheck disable=SC2254 # it is meant to be a pattern
    case $2 in
        $3) pass "$1" ;;
        *) fail "$1" "expected: $3" "but got:  $2" ;;
    esac
}

# told COMMAND...: runs it; $status, $stdout and $stderr tell the result.
told() {
    status=0
    "$@" >out 2>err </dev/null || status=$?
    stdout=$(cat out)
    stderr=$(cat err)
}

# prints TEXT COMMAND...: exactly that, and nothing on stderr; exit status 0.
prints() {
    expected=$1
    shift
    told "$@"
    equal "$*" "$status $stdout$stderr" "0 $expected"
}

# silent COMMAND...
silent() { prints '' "$@"; }

# fails STATUS MESSAGE COMMAND...: on stderr, behind "Error: "; a pattern.
fails() {
    expected="$1 Error: $2"
    shift 2
    told "$@"
    like "$*: status ${expected%% *}" "$status $stdout$stderr" "$expected"
}

# eventually WHAT COMMAND...: within a minute; emulated machines are slow.
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

# now: hundredths of a second since the boot.
now() { cut -d' ' -f1 /proc/uptime | tr -d .; }

# instances PARENT TYPE
instances() { cat "$parents/$1/mdev_supported_types/$2/available_instances"; }

# running: the UUIDs of the active devices, in a line, sorted.
running() {
    [ ! -d "$devices" ] || (cd "$devices" && echo *) | sed 's/^[*]$//'
}

# define_auto COUNT [PARENT [TYPE]]: definitions of ...501, ...502 and so on.
define_auto() {
    for define_number in $(seq "$1"); do
        mdevctl define --auto -p "${2-mtty}" -t "${3-mtty-1}" \
            -u "11111111-2222-3333-4444-55555555550$define_number"
    done
}

# hold_open UUID|ADDRESS: through vfio, by the process $holder.
hold_open() {
    modprobe vfio_iommu_type1
    hold "$1" >held 2>&1 &
    holder=$!
    eventually "device is held open" grep -q held held
}

# watch_events: from now on, `started` tells how many devices were made.
watch_events() {
    udevadm monitor --kernel --subsystem-match=mdev >events 2>&1 &
    watcher=$!
    until grep -q '^KERNEL' events; do sleep 0.1; done
}

# started UUID: how often it was. Other events of a device may be replays.
started() { grep -c "bind .*/$1 (mdev)" events; }

# start_udev: systemd's udevd, without systemd, with our rules for that.
start_udev() {
    # Where a local prefix puts the rules for systemd, which these replace.
    mkdir -p /etc/udev/rules.d
    cp /vm/60-mdevctl-without-systemd.rules /etc/udev/rules.d/60-mdevctl.rules
    /usr/lib/systemd/systemd-udevd --daemon
    udevadm control --log-level=info
}

# In the guest with systemd:

# mark_journal: from now on, `journal` shows what came later.
mark_journal() {
    journalctl --sync
    since=$(date +@%s.%N)
}

# journal PRIORITY: what was said at that priority or above, but by the kernel.
journal() {
    journalctl --sync
    journalctl --since="$since" -q -p "$1" -o cat \
        _TRANSPORT=stdout + _TRANSPORT=syslog + _TRANSPORT=journal 2>&1
}

# unit_of PATH: the unit that starts the devices of that parent in /sys/devices.
unit_of() {
    systemd-escape --path --template=mdevctl-start-parent@.service \
        "/sys/devices/$1"
}

# is UNIT STATE
is() { [ "$(systemctl is-active "$1")" = "$2" ]; }
