# SPDX-License-Identifier: LGPL-2.1-or-later
# Functions for the cases. They make files below the root, and print a
# transcript of the commands.

# shellcheck disable=SC2034 # the cases use these
U1=11111111-2222-3333-4444-555555555501
U2=11111111-2222-3333-4444-555555555502
U3=11111111-2222-3333-4444-555555555503
U4=11111111-2222-3333-4444-555555555504

definitions=$ROOT/etc/mdevctl.d
parents=$ROOT/sys/class/mdev_bus
devices=$ROOT/sys/bus/mdev/devices

# Unset, because some cases print the environment of scripts.
lacks=${LACKS-}
unset LACKS

# needs WORD: skips the case if the system lacks a feature, see
# tests/platforms/probe.c.
needs() {
    case " $lacks " in
        *" $1 "*)
            echo "the emulation lacks $1"
            exit 77
            ;;
    esac
}

# try COMMAND...: prints "$ COMMAND", runs it, and prints its output, each line
# of stderr after "! ", and "[N]" if its exit status is not 0.
try() {
    printf '$'
    for try_word; do
        case $try_word in
            '' | *[!A-Za-z0-9_./:=+%@,-]*) printf " '%s'" "$try_word" ;;
            *) printf ' %s' "$try_word" ;;
        esac
    done
    echo
    try_status=0
    "$@" >"$ROOT/../out" 2>"$ROOT/../err" || try_status=$?
    shown "$ROOT/../out" ''
    shown "$ROOT/../err" '! '
    [ "$try_status" = 0 ] || echo "[$try_status]"
}

# sorted COMMAND...: like try, but sorts the warnings, whose order depends on
# the order in directories.
sorted() {
    sorted_status=0
    "$@" 2>"$ROOT/../warnings" || sorted_status=$?
    sort "$ROOT/../warnings" >&2
    return "$sorted_status"
}

# shown FILE MARK: prints the file, with MARK before each line.
shown() {
    sed "s/^/$2/" "$1"
    if [ -s "$1" ] && [ -n "$(tail -c1 "$1")" ]; then
        printf '\n\\ no newline at the end\n'
    fi
}

# say TEXT: prints a title between the commands.
say() { printf '\n# %s\n' "$*"; }

# parent NAME: makes a parent device without types, with the files of the
# kernel.
parent() {
    mkdir -p "$ROOT/sys/devices/$1/mdev_supported_types" "$parents"
    ln -s "../../devices/$1" "$parents/$1"
}

# type_of PARENT TYPE INSTANCES [NAME [DESCRIPTION]]: makes a type.
type_of() {
    at=$ROOT/sys/devices/$1/mdev_supported_types/$2
    mkdir -p "$at"
    echo "$3" >"$at/available_instances"
    echo vfio-pci >"$at/device_api"
    : >"$at/create"
    [ -z "${4-}" ] || echo "$4" >"$at/name"
    [ -z "${5-}" ] || printf '%b\n' "$5" >"$at/description"
}

# device UUID PARENT TYPE: makes an active device.
device() {
    mkdir -p "$ROOT/sys/devices/$2/$1" "$devices"
    ln -s "../mdev_supported_types/$3" "$ROOT/sys/devices/$2/$1/mdev_type"
    : >"$ROOT/sys/devices/$2/$1/remove"
    ln -s "../../../devices/$2/$1" "$devices/$1"
}

# define PARENT FILE [TEXT]: stores a definition, of type T if there is no TEXT.
define() {
    mkdir -p "$definitions/$1"
    printf '%s' "${3-{\"mdev_type\": \"T\", \"start\": \"manual\"\}}" \
        >"$definitions/$1/$2"
}

# tree [DIRECTORY]: prints every path below the directory, sorted.
tree() { (cd "${1:-$ROOT}" && find . ! -name . | sort); }

# status COMMAND...: prints only the exit status of the command.
status() {
    try_status=0
    "$@" >"$ROOT/../out" 2>"$ROOT/../err" || try_status=$?
    printf ' %s' "$try_status"
}

# control WORDS: controls the simulated kernel (see `mdevsim --help`).
control() { echo "$*" >"$ROOT/sys/.mdevsim/control"; }

# kernel_log: prints the new lines of the kernel's log since the last call.
kernel_log() {
    cat "$ROOT/sys/.mdevsim/log"
    control clear-log
}

# wait_until COMMAND...: repeats the command until it succeeds, for a few
# seconds.
wait_until() {
    wait_count=0
    until "$@"; do
        wait_count=$((wait_count + 1))
        [ "$wait_count" -lt 500 ] || { echo "gave up: $*"; return 1; }
        sleep 0.01
    done
}

# script KIND NAME BODY: makes an executable callout script or notifier (KIND is
# callouts or notifiers). `$type`, `$event`, `$action`, `$state`, `$uuid` and
# `$parent` are its arguments. `told` records its arguments and its input, which
# `calls` prints.
script() {
    mkdir -p "$ROOT/usr/lib/mdevctl/scripts.d/$1"
    cat >"$ROOT/usr/lib/mdevctl/scripts.d/$1/$2" <<SCRIPT
#!/bin/sh
type=\$2 event=\$4 action=\$6 state=\$8 uuid=\${10} parent=\${12}
told() { echo "$2: \$*" "\$(cat)" >>"$ROOT/../calls"; }
serves() {
    echo "{\"supports\":{\"version\":2,\"actions\":[\$1],\"events\":[\$2]}}"
}
$3
SCRIPT
    chmod +x "$ROOT/usr/lib/mdevctl/scripts.d/$1/$2"
}

# calls: prints which scripts were called since the last time, and how.
calls() {
    [ ! -e "$ROOT/../calls" ] ||
        sed 's/{"provides":.*}/PROVIDES/' "$ROOT/../calls"
    : >"$ROOT/../calls"
}
