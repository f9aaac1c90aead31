# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh disable=SC2016,SC2154,SC2317 # a part of cross.sh
# Runs the program in an emulated IBM Z on real kernels with the real vfio_ccw,
# and records the sysfs of the real vfio_ap. The older kernel has a vfio_ap without
# ap_config and features.

# The functions have the release of the kernel as their first argument.
kernel_is_made() { in_root "sh tests/platforms/s390x/kernel.sh $1"; }
guest_is_made() { in_root "sh tests/platforms/s390x/guest.sh $1"; }

# boots RELEASE CASE: runs the case, and prints its console.
boots() {
    in_root "sh tests/platforms/s390x/boot.sh $1 $2 2>&1 |
            tr -d '\r' >/console.$2
        cat /console.$2
        grep -q '^end 0' /console.$2"
}

# tells CASE: prints the case's lines of TAP, with the numbers of this script.
tells() {
    cp "$root/console.$1" "$log"
    while read -r line; do
        case $line in
            'ok - '* | 'not ok - '*)
                count=$((count + 1))
                echo "${line%% - *} $count - ${line#* - }"
                ;;
            '# '*) echo "$line" ;;
        esac
        case $line in 'not ok'*) failed=1 ;; esac
    done <"$log"
}

# agrees LIST PARENT: compares mdevsim with the kernel's answers.
agrees() {
    in_root "gcc -D_GNU_SOURCE -o /tmp/operations \
            tests/kernel/vm/programs/operations.c
        python3 tests/platforms/s390x/compare.py $2 \
            tests/platforms/s390x/lists/$1 /console.list-$1 \
            /build-own/tests/kernel/mdevsim/mdevsim /tmp/operations"
}

# on_kernel RELEASE SUFFIX: makes all checks on the release's kernel. The profiles
# of mdevsim for this kernel have names with the suffix.
on_kernel() {
    machine_failed=$failed
    failed=0
    check "a kernel of $1 with vfio_ccw and vfio_ap is built" kernel_is_made "$1"
    check "a guest with this kernel is made" guest_is_made "$1"
    if [ "$failed" = 0 ]; then
        for machine_case in ccw ap; do
            check "the guest runs the case $machine_case" boots "$1" $machine_case
            tells $machine_case
        done
        for machine_list in "ccw=0.0.0000=vfio_ccw$2" "ap=matrix=vfio_ap$2"; do
            machine_case=${machine_list%%=*}
            check "the guest makes the operations of list-$machine_case" \
                boots "$1" "list-$machine_case"
            check "mdevsim is like the kernel of $1: list-$machine_case" \
                agrees "$machine_case" "${machine_list#*=}"
        done
    fi
    [ "$machine_failed" = 0 ] || failed=1
}

on_kernel "$release" -old
on_kernel "$release-backports" ''
